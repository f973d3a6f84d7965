package io.stillpoint.sandbox.cloud;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.cloud.compute.v1.SnapshotsSettings;
import io.stillpoint.activity.SnapshotActivities.CutRequest;
import io.stillpoint.activity.SnapshotActivities.VolumeRequest;
import io.stillpoint.cloud.FoundSnapshot;
import io.stillpoint.cloud.Pacer;
import io.stillpoint.cloud.SnapshotInventory;
import io.stillpoint.cloud.VolumePlacement;
import io.stillpoint.cloud.aws.EbsProvider;
import io.stillpoint.cloud.aws.EbsSettings;
import io.stillpoint.cloud.aws.Ec2Access;
import io.stillpoint.cloud.gcp.GceAccess;
import io.stillpoint.cloud.gcp.GceProvider;
import io.stillpoint.cloud.gcp.GceSettings;
import io.stillpoint.model.BackupCursor;
import io.stillpoint.model.ClusterTime;
import io.stillpoint.model.FileListRef;
import io.stillpoint.model.SnapshotRef;
import io.stillpoint.provider.ProgressListener;
import io.stillpoint.provider.SnapshotProvider;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Against a real cloud, with real credentials and real cost: off unless {@code
 * -Dstillpoint.cloud=real} is given, with {@code -Dstillpoint.cloud.ebs=REGION,INSTANCE,VOLUME} or
 * {@code -Dstillpoint.cloud.gce=PROJECT,ZONE,INSTANCE,DISK}. Everything is tagged with a cluster
 * name of this run alone and swept by it at the end, whatever happens.
 */
@EnabledIfSystemProperty(
    named = "stillpoint.cloud",
    matches = "real",
    disabledReason = "a real cloud costs money: -Dstillpoint.cloud=real, see docs/cloud-ebs.md")
class RealCloudTest {

  private static final String MEMBER = "real:27017";
  private static final ClusterTime POINT = new ClusterTime(1_763_800_000, 7);

  private final String cluster = "stillpoint-test-" + UUID.randomUUID().toString().substring(0, 8);

  @Test
  @EnabledIfSystemProperty(named = "stillpoint.cloud.ebs", matches = ".+,.+,.+")
  void shouldCutAdoptAndDeleteOnEbs() {
    String[] place = System.getProperty("stillpoint.cloud.ebs").split(",");
    EbsSettings settings =
        EbsSettings.of(
            place[0],
            Optional.empty(),
            List.of(new VolumePlacement(MEMBER, "data", place[1], place[2], "")));
    try (Ec2Access access =
        Ec2Access.open(
            settings,
            software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider.builder().build())) {
      EbsProvider provider = new EbsProvider(access, settings, Pacer.system());
      tellTheStory(provider, provider);
    }
  }

  @Test
  @EnabledIfSystemProperty(named = "stillpoint.cloud.gce", matches = ".+,.+,.+,.+")
  void shouldCutAdoptAndDeleteOnGce() {
    String[] place = System.getProperty("stillpoint.cloud.gce").split(",");
    GceSettings settings =
        GceSettings.of(
            place[0],
            Optional.empty(),
            List.of(new VolumePlacement(MEMBER, "data", place[2], place[3], place[1])));
    try (GceAccess access =
        GceAccess.open(settings, SnapshotsSettings.defaultCredentialsProviderBuilder().build())) {
      GceProvider provider = new GceProvider(access, settings, Pacer.system());
      tellTheStory(provider, provider);
    }
  }

  private void tellTheStory(SnapshotProvider provider, SnapshotInventory inventory) {
    try {
      provider.resolve(
          new VolumeRequest(provider.type(), cluster, "real-1", "rs0", MEMBER, "/data/db"));
      List<SnapshotRef> cut = provider.cut(request(provider), ProgressListener.NONE);
      assertThat(provider.cut(request(provider), ProgressListener.NONE))
          .extracting(SnapshotRef::id)
          .containsExactlyElementsOf(cut.stream().map(SnapshotRef::id).toList());
      Awaitility.await()
          .atMost(Duration.ofHours(2))
          .pollInterval(provider.pollInterval())
          .until(() -> provider.poll(cut).allReady());
      assertThat(inventory.inventory(cluster)).hasSize(cut.size());
      cut.forEach(snapshot -> inventory.requireRestorable("real-1", snapshot));
    } finally {
      for (FoundSnapshot left : inventory.inventory(cluster)) {
        inventory.remove(left);
      }
    }
    Awaitility.await()
        .atMost(Duration.ofMinutes(10))
        .pollInterval(Duration.ofSeconds(5))
        .until(() -> inventory.inventory(cluster).isEmpty());
  }

  private CutRequest request(SnapshotProvider provider) {
    BackupCursor cursor =
        new BackupCursor(
            cluster,
            "rs0",
            MEMBER,
            1,
            "session",
            "cursor-" + cluster,
            "/data/db",
            ClusterTime.ZERO,
            ClusterTime.ZERO,
            ClusterTime.ZERO,
            new FileListRef("files", 0, 0, ""));
    return new CutRequest(
        provider.type(), cluster, "real-1", 1, cursor, POINT, Map.of("purpose", "stillpoint-test"));
  }
}
