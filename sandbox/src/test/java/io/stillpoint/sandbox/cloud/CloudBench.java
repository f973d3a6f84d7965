package io.stillpoint.sandbox.cloud;

import io.stillpoint.activity.SnapshotActivities.CutRequest;
import io.stillpoint.activity.SnapshotActivities.DeleteRequest;
import io.stillpoint.activity.SnapshotActivities.VolumeRequest;
import io.stillpoint.cloud.AttachedVolumes;
import io.stillpoint.cloud.SnapshotInventory;
import io.stillpoint.cloud.VolumeInventory;
import io.stillpoint.cloud.VolumeRestorer;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.BackupCursor;
import io.stillpoint.model.ClusterTime;
import io.stillpoint.model.FileListRef;
import io.stillpoint.model.SnapshotRef;
import io.stillpoint.provider.ProgressListener;
import io.stillpoint.provider.SnapshotProvider;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.assertj.core.api.Assertions;

/**
 * One cloud under test: a member {@code one:27017} with a volume for its data, {@code two:27017}
 * with another, and {@code wide:27017} with two volumes. Plays the part of the workflow too.
 */
abstract class CloudBench implements AutoCloseable {

  static final String ONE = "one:27017";
  static final String TWO = "two:27017";
  static final String WIDE = "wide:27017";
  static final ClusterTime POINT = new ClusterTime(1_763_800_000, 7);

  private static final int TRIES = 20;

  /** A provider without any memory, as a worker has after it was killed and started again. */
  abstract SnapshotProvider provider();

  abstract SnapshotInventory inventory();

  abstract VolumeInventory volumeInventory();

  abstract VolumeRestorer restorer();

  abstract AttachedVolumes attached();

  /** Directory behind a volume that the restorer made. */
  abstract Path content(String volume);

  /** Directory behind the volume of {@link #ONE}. */
  abstract Path sourceOfOne();

  abstract List<String> allVolumes();

  /** Zone, instance and a free device of {@link #TWO}, which is not where {@link #ONE} is. */
  abstract Target target();

  record Target(String zone, String instance, String device) {}

  /** From now on the caller lacks this permission. */
  abstract void deny(String permission);

  /**
   * Whether the volumes of {@link #ONE} and {@link #TWO} are encrypted with a key of the account.
   */
  abstract void encrypt(boolean one, boolean two);

  /** Ids of the snapshots that exist, visible or not. */
  abstract List<String> existing();

  abstract void advance(Duration time);

  /** How long to wait before the same volume may be cut again. */
  abstract Duration betweenCuts();

  @Override
  public abstract void close();

  static VolumeRequest volumes(SnapshotProvider provider, String member) {
    return new VolumeRequest(provider.type(), "shop", "shop-1", "rs0", member, "/data/db");
  }

  static CutRequest cut(SnapshotProvider provider, String member, int attempt, String cursor) {
    BackupCursor open =
        new BackupCursor(
            "shop",
            "rs0",
            member,
            1,
            "session",
            cursor,
            "/data/db",
            ClusterTime.ZERO,
            ClusterTime.ZERO,
            ClusterTime.ZERO,
            new FileListRef("files", 0, 0, ""));
    return new CutRequest(
        provider.type(), "shop", "shop-1", attempt, open, POINT, Map.of("team", "storage"));
  }

  static DeleteRequest deletion(SnapshotProvider provider, String member, int attempt) {
    return new DeleteRequest(provider.type(), "shop", "shop-1", attempt, "rs0", member);
  }

  /** Tries again after a failure that says so, each time on another worker, as Temporal does. */
  <T> T tried(Supplier<T> work) {
    for (int i = 1; ; i++) {
      try {
        return work.get();
      } catch (StillpointException e) {
        if (!e.code().retryable() || i == TRIES) {
          throw e;
        }
        advance(Duration.ofSeconds(10));
      }
    }
  }

  List<SnapshotRef> cutSurely(String member, int attempt, String cursor) {
    return tried(
        () -> {
          SnapshotProvider provider = provider();
          return provider.cut(cut(provider, member, attempt, cursor), ProgressListener.NONE);
        });
  }

  List<SnapshotRef> awaitReady(List<SnapshotRef> cut) {
    SnapshotProvider provider = provider();
    for (int i = 0; i < 500; i++) {
      SnapshotProvider.Readiness now = tried(() -> provider.poll(cut));
      if (now.allReady()) {
        return now.snapshots();
      }
      advance(provider.pollInterval());
    }
    return Assertions.fail("not ready after 500 polls: " + cut);
  }
}
