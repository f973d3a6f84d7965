package io.stillpoint.activities;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stillpoint.activity.CatalogActivities;
import io.stillpoint.activity.CatalogActivities.BeginRequest;
import io.stillpoint.catalog.DirectoryCatalog;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.Failures;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.CatalogEntry;
import io.stillpoint.model.OperationStatus;
import io.stillpoint.model.SnapshotType;
import io.temporal.testing.TestActivityEnvironment;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CatalogActivitiesTest {

  @TempDir private Path root;
  private final RunningOperations running = new RunningOperations();
  private TestActivityEnvironment temporal;
  private CatalogActivities activities;
  private DirectoryCatalog catalog;

  @BeforeEach
  void start() {
    catalog = new DirectoryCatalog(root, Clock.systemUTC());
    temporal = ActivityWorlds.start();
    temporal.registerActivitiesImplementations(
        new CatalogActivitiesImpl(
            catalog, catalog.fileLists(), running, CatalogActivitiesTest::requireConfigured));
    activities = temporal.newActivityStub(CatalogActivities.class);
    catalog.begin(new BeginRequest("b1", "shop", SnapshotType.MANUAL, "owner", Map.of()));
    catalog.end("b1", "owner", OperationStatus.FAILED, "for the test");
  }

  @AfterEach
  void stop() {
    temporal.close();
  }

  @Test
  void shouldRefuseToDeleteWhatARunningRestoreUses() {
    activities.readForUse("b1", "restore/r 1 run-7", false);
    running.workflowIds.add("restore/r 1@run-7");

    assertThatThrownBy(() -> activities.beginDelete("b1"))
        .satisfies(e -> assertThat(Failures.codeOf(e)).isEqualTo(ErrorCode.BACKUP_IN_USE))
        .satisfies(e -> assertThat(Failures.messageOf(e)).contains("restore/r 1", "HINT:"));
    assertThat(catalog.read("b1").status()).isEqualTo(OperationStatus.FAILED);
    assertThat(activities.entries("shop", 0, 10)).singleElement().matches(CatalogEntry::inUse);

    running.workflowIds.clear();
    assertThat(activities.entries("shop", 0, 10)).singleElement().matches(e -> !e.inUse());
    assertThat(activities.beginDelete("b1").status()).isEqualTo(OperationStatus.DELETING);
  }

  @Test
  void shouldPageTheEntries() {
    for (int i = 2; i <= 5; i++) {
      catalog.begin(new BeginRequest("b" + i, "shop", SnapshotType.EBS, "owner", Map.of()));
    }

    assertThat(activities.entries("shop", 0, 3)).hasSize(3);
    assertThat(activities.entries("shop", 3, 3)).hasSize(2);
    assertThat(activities.entries("shop", 5, 3)).isEmpty();
    assertThat(activities.entries("other", 0, 3)).isEmpty();
  }

  /** "shop" has a backup and is not configured any more, "other" is configured and has none. */
  @Test
  void shouldKnowAClusterByItsConfigurationOrItsBackups() {
    assertThat(activities.list(Optional.of("shop"), 10)).hasSize(1);
    assertThat(activities.list(Optional.of("other"), 10)).isEmpty();
    assertThat(activities.list(Optional.empty(), 10)).hasSize(1);

    assertThatThrownBy(() -> activities.list(Optional.of("nosuch"), 10))
        .satisfies(e -> assertThat(Failures.codeOf(e)).isEqualTo(ErrorCode.CLUSTER_UNKNOWN));
    assertThatThrownBy(() -> activities.entries("nosuch", 0, 10))
        .satisfies(e -> assertThat(Failures.codeOf(e)).isEqualTo(ErrorCode.CLUSTER_UNKNOWN));
  }

  private static void requireConfigured(String cluster) {
    if (!cluster.equals("other")) {
      throw new StillpointException(ErrorCode.CLUSTER_UNKNOWN, "no cluster " + cluster, "");
    }
  }
}
