package io.stillpoint.activities;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stillpoint.activity.BalancerActivities;
import io.stillpoint.activity.RecoveryActivities;
import io.stillpoint.activity.RecoveryActivities.FirstRun;
import io.stillpoint.activity.RecoveryActivities.RestoreMark;
import io.stillpoint.activity.RecoveryActivities.Unfinished;
import io.stillpoint.catalog.DirectoryCatalog;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.Failures;
import io.stillpoint.mongo.Balancer;
import io.stillpoint.mongo.MongoConnections;
import io.temporal.failure.TemporalFailure;
import io.temporal.testing.TestActivityEnvironment;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Attempts that were given up and come when their operation is over. */
class LateAttemptsTest {

  @TempDir private Path root;
  private final RunningOperations running = new RunningOperations();
  private TestActivityEnvironment temporal;
  private DirectoryCatalog catalog;

  @BeforeEach
  void start() {
    catalog = new DirectoryCatalog(root, Clock.systemUTC());
    temporal = ActivityWorlds.start();
    // No server is to be asked: each is refused, or done, by what the catalog and Temporal say.
    Balancer balancer = new Balancer(new MongoConnections(List.of()));
    temporal.registerActivitiesImplementations(
        new BalancerActivitiesImpl(balancer, catalog, Clock.systemUTC()),
        new RecoveryActivitiesImpl(catalog, running, null, null, balancer, Clock.systemUTC()));
  }

  @AfterEach
  void stop() {
    temporal.close();
  }

  @Test
  void shouldLeaveTheBalancerOfAnOperationThatGaveItBack() {
    BalancerActivities activities = temporal.newActivityStub(BalancerActivities.class);

    assertThatThrownBy(() -> activities.stop("shop", "backup/b1"))
        .isInstanceOfSatisfying(
            TemporalFailure.class,
            e -> assertThat(Failures.codeOf(e)).isEqualTo(ErrorCode.BALANCER_NOT_STOPPED))
        .hasStackTraceContaining("backup/b1 has given it back already");
  }

  @Test
  void shouldNotMarkARestoreThatHasEnded() {
    RecoveryActivities activities = temporal.newActivityStub(RecoveryActivities.class);
    RestoreMark mark = new RestoreMark("restore/r1", "r1", "b1", List.of(), List.of());

    assertThatThrownBy(() -> activities.mark("shop", mark))
        .isInstanceOfSatisfying(
            TemporalFailure.class,
            e -> assertThat(Failures.codeOf(e)).isEqualTo(ErrorCode.RECOVERY_NEEDED));
    assertThat(activities.look("shop").restores()).isEmpty();

    running.workflowIds.add("restore/r1");
    activities.mark("shop", mark);
    running.workflowIds.clear();
    assertThat(activities.look("shop").restores()).containsExactly(mark);
  }

  /** A second run of the workflow, which somebody reset, neither keeps the mark nor hides it. */
  @Test
  void shouldFindTheMarkOfARunThatWasReset() {
    RecoveryActivities activities = temporal.newActivityStub(RecoveryActivities.class);
    RestoreMark mark = new RestoreMark("restore/r1", "r1", "b1", List.of(), List.of());
    running.workflowIds.add("restore/r1");
    activities.mark("shop", mark);
    String first = catalog.readOperation("shop", "restore/r1").orElseThrow().recordedBy();
    running.workflowIds.clear();
    running.workflowIds.add("restore/r1@" + first);
    assertThat(activities.look("shop").restores()).as("its own run lives").isEmpty();
    assertThat(activities.unfinished(Optional.empty())).isEmpty();

    running.workflowIds.clear();
    running.workflowIds.add("restore/r1@second");

    assertThat(first).isNotEmpty();
    assertThat(activities.look("shop").restores()).containsExactly(mark);
    assertThat(activities.unfinished(Optional.empty()))
        .isEqualTo(activities.unfinished(Optional.of("shop")))
        .containsExactly(new Unfinished("shop", "restore/r1", "r1"));
    assertThat(activities.unfinished(Optional.of("other"))).isEmpty();
    assertThat(activities.afterReset("b1", Optional.of("shop"), "restore/r1", first))
        .isEqualTo(new FirstRun("shop", false, true));
  }

  @Test
  void shouldTellARestoreThatHadCompletedBeforeItsReset() {
    RecoveryActivities activities = temporal.newActivityStub(RecoveryActivities.class);
    running.completed.add("restore/r1@first");

    assertThat(activities.afterReset("b1", Optional.of("shop"), "restore/r1", "first"))
        .isEqualTo(new FirstRun("shop", true, false));
    assertThat(activities.afterReset("unknown", Optional.empty(), "restore/r1", "second"))
        .as("of a backup of which the catalog knows nothing")
        .isEqualTo(new FirstRun("", false, false));
  }
}
