package io.stillpoint.activities;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stillpoint.activity.SnapshotActivities;
import io.stillpoint.activity.SnapshotActivities.VolumeRequest;
import io.stillpoint.error.Failures;
import io.stillpoint.model.SnapshotType;
import io.temporal.testing.TestActivityEnvironment;
import java.util.List;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;

class SnapshotActivitiesTest {

  @Test
  void shouldSayInWordsThatATypeIsNotConfigured() {
    TestActivityEnvironment temporal = ActivityWorlds.start();
    try {
      temporal.registerActivitiesImplementations(new SnapshotActivitiesImpl(List.of()));
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
}
