package io.stillpoint.activities;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stillpoint.activity.SnapshotActivities;
import io.stillpoint.activity.SnapshotActivities.CutRequest;
import io.stillpoint.activity.SnapshotActivities.DeleteRequest;
import io.stillpoint.activity.SnapshotActivities.VolumePlan;
import io.stillpoint.activity.SnapshotActivities.VolumeRequest;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.Failures;
import io.stillpoint.model.OperationStatus;
import io.stillpoint.model.SnapshotRef;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.provider.ProgressListener;
import io.stillpoint.provider.SnapshotProvider;
import io.temporal.testing.TestActivityEnvironment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SnapshotActivitiesTest {

  @Test
  void shouldSayInWordsThatATypeIsNotConfigured() {
    TestActivityEnvironment temporal = ActivityWorlds.start();
    try {
      temporal.registerActivitiesImplementations(
          new SnapshotActivitiesImpl(List.of(), backup -> Optional.empty()));
      SnapshotActivities activities = temporal.newActivityStub(SnapshotActivities.class);

      assertThatThrownBy(
              () ->
                  activities.resolve(
                      new VolumeRequest(SnapshotType.EBS, "shop", "b", "rs0", "db1:1", "/data")))
          .satisfies(
              e ->
                  Assertions.assertThat(Failures.messageOf(e))
                      .contains("configured for no snapshots, but type ebs was asked for")
                      .contains("stillpoint.ebs on every control worker"));
    } finally {
      temporal.close();
    }
  }

  /** Whoever runs it: a workflow that was reset believes that it must clean up. */
  @ParameterizedTest
  @EnumSource(names = {"COMPLETED", "DELETING"})
  void shouldLeaveWhatAManifestRecords(OperationStatus status) {
    Recorder provider = new Recorder();

    assertThatThrownBy(() -> delete(provider, Optional.of(status)))
        .satisfies(e -> assertThat(Failures.codeOf(e)).isEqualTo(ErrorCode.BACKUP_EXISTS));

    assertThat(provider.deleted).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(names = {"RUNNING", "FAILED", "CANCELLED"})
  void shouldTakeBackWhatABackupThatDidNotCompleteLeft(OperationStatus status) {
    Recorder provider = new Recorder();

    delete(provider, Optional.of(status));

    assertThat(provider.deleted).containsExactly("b");
  }

  @Test
  void shouldTakeBackWhatNoManifestRecords() {
    Recorder provider = new Recorder();

    delete(provider, Optional.empty());

    assertThat(provider.deleted).containsExactly("b");
  }

  private static void delete(Recorder provider, Optional<OperationStatus> recorded) {
    TestActivityEnvironment temporal = ActivityWorlds.start();
    try {
      temporal.registerActivitiesImplementations(
          new SnapshotActivitiesImpl(List.of(provider), backup -> recorded));
      temporal
          .newActivityStub(SnapshotActivities.class)
          .delete(new DeleteRequest(SnapshotType.DIRECTORY, "shop", "b", 1, "rs0", "db1:1"));
    } finally {
      temporal.close();
    }
  }

  /** Deletes nothing but says what it was asked to. */
  private static final class Recorder implements SnapshotProvider {
    private final List<String> deleted = new ArrayList<>();

    @Override
    public SnapshotType type() {
      return SnapshotType.DIRECTORY;
    }

    @Override
    public VolumePlan resolve(VolumeRequest request) {
      throw new UnsupportedOperationException();
    }

    @Override
    public List<SnapshotRef> cut(CutRequest request, ProgressListener progress) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Readiness poll(List<SnapshotRef> snapshots) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void delete(DeleteRequest request) {
      deleted.add(request.backup());
    }

    @Override
    public void discard(String cluster, String backup, List<SnapshotRef> snapshots) {
      throw new UnsupportedOperationException();
    }

    @Override
    public List<SnapshotRef> list(String cluster, String backup) {
      throw new UnsupportedOperationException();
    }
  }
}
