package io.stillpoint.activities;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stillpoint.activity.BalancerActivities;
import io.stillpoint.activity.RecoveryActivities;
import io.stillpoint.activity.RecoveryActivities.RestoreMark;
import io.stillpoint.catalog.DirectoryCatalog;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.Failures;
import io.stillpoint.mongo.Balancer;
import io.stillpoint.mongo.MongoConnections;
import io.stillpoint.policy.Payloads;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.failure.TemporalFailure;
import io.temporal.testing.TestActivityEnvironment;
import io.temporal.testing.TestEnvironmentOptions;
import io.temporal.worker.WorkerFactoryOptions;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Attempts that were given up and come when their operation is over. */
class LateAttemptsTest {

  @TempDir private Path root;
  private final Set<String> running = new HashSet<>();
  private TestActivityEnvironment temporal;
  private DirectoryCatalog catalog;

  @BeforeEach
  void start() {
    catalog = new DirectoryCatalog(root, Clock.systemUTC());
    temporal =
        TestActivityEnvironment.newInstance(
            TestEnvironmentOptions.newBuilder()
                .setWorkflowClientOptions(
                    WorkflowClientOptions.newBuilder()
                        .setDataConverter(Payloads.converter())
                        .build())
                .setWorkerFactoryOptions(
                    WorkerFactoryOptions.newBuilder()
                        .setWorkerInterceptors(new ErrorMappingInterceptor())
                        .build())
                .build());
    OperationLink link =
        new OperationLink() {
          @Override
          public void cursorAdopted(String workflowId, String set, String holder) {
            throw new AssertionError("no cursor here");
          }

          @Override
          public boolean isRunning(String workflowId, String runId) {
            return running.contains(workflowId);
          }

          @Override
          public String freeStaleLock(String cluster) {
            throw new AssertionError("no lock here");
          }
        };
    // No server is to be asked: each is refused, or done, by what the catalog and Temporal say.
    Balancer balancer = new Balancer(new MongoConnections(List.of()));
    temporal.registerActivitiesImplementations(
        new BalancerActivitiesImpl(balancer, catalog, Clock.systemUTC()),
        new RecoveryActivitiesImpl(catalog, link, null, balancer, Clock.systemUTC()));
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

    running.add("restore/r1");
    activities.mark("shop", mark);
    running.clear();
    assertThat(activities.look("shop").restores()).containsExactly(mark);
  }
}
