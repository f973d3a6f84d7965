package io.stillpoint.cloud.aws;

import io.stillpoint.cloud.FoundSnapshot;
import io.stillpoint.cloud.Inscription;
import io.stillpoint.cloud.SnapshotIdentity;
import io.stillpoint.cloud.Strays;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.SnapshotRef;
import io.stillpoint.model.SnapshotType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.ec2.model.Filter;
import software.amazon.awssdk.services.ec2.model.Snapshot;
import software.amazon.awssdk.services.ec2.model.SnapshotState;
import software.amazon.awssdk.services.ec2.model.StorageTier;
import software.amazon.awssdk.services.ec2.model.Tag;

/** Looks for our snapshots and deletes them; what it finds may lag behind what exists. */
final class EbsSnapshots {

  private static final long GIB = 1L << 30;

  /** EC2 takes at most 200 values in one filter. */
  private static final int FILTER_VALUES = 200;

  private final Ec2Access ec2;

  /**
   * One of our snapshots and the call that made it.
   *
   * @param key what it is encrypted with
   */
  record Tagged(
      FoundSnapshot found, int volumeGib, Optional<String> key, Map<String, String> tags) {
    Tagged {
      tags = Map.copyOf(tags);
    }

    String call() {
      return tags.getOrDefault(EbsTags.CALL, "");
    }
  }

  EbsSnapshots(Ec2Access ec2) {
    this.ec2 = ec2;
  }

  /** All of ours that carry these facts. */
  List<Tagged> with(Map<String, String> facts) {
    return describe(EbsTags.filters(facts));
  }

  /** Those of the ids that can be seen now. */
  List<Tagged> byId(List<String> ids) {
    List<Tagged> found = new ArrayList<>();
    for (int from = 0; from < ids.size(); from += FILTER_VALUES) {
      List<String> some = ids.subList(from, Math.min(ids.size(), from + FILTER_VALUES));
      // A filter, unlike a list of ids, is not refused as a whole when one is not visible yet.
      found.addAll(describe(List.of(Filter.builder().name("snapshot-id").values(some).build())));
    }
    return found;
  }

  /**
   * The snapshot, or its copy if that is in this region.
   *
   * <p>Errors: SNAPSHOT_UNREACHABLE (gone, or archived), SNAPSHOT_INCOMPLETE, SNAPSHOT_FOREIGN.
   */
  Tagged restorable(String backup, SnapshotRef recorded) {
    String id = recorded.idIn(ec2.region());
    Tagged found =
        byId(List.of(id)).stream()
            .findFirst()
            .orElseThrow(
                () ->
                    new StillpointException(
                        ErrorCode.SNAPSHOT_UNREACHABLE,
                        "snapshot %s is not in this region, or carries none of our tags"
                            .formatted(id),
                        "copy it to the region with its tags, or use another backup"));
    Strays.requireRestorable(found.found(), backup, recorded);
    if (isArchived(id)) {
      throw new StillpointException(
          ErrorCode.SNAPSHOT_UNREACHABLE,
          "snapshot %s is in the archive tier, from which no volume can be created".formatted(id),
          "aws ec2 restore-snapshot-tier --snapshot-id %s --temporary-restore-days 7 (takes up to 72 hours)"
              .formatted(id));
    }
    return found;
  }

  private boolean isArchived(String id) {
    try {
      return ec2.reading().describeSnapshots(r -> r.snapshotIds(id)).snapshots().stream()
          .anyMatch(snapshot -> snapshot.storageTier() == StorageTier.ARCHIVE);
    } catch (SdkException e) {
      throw Ec2Errors.translate("DescribeSnapshots", id, e);
    }
  }

  /**
   * @param id of the snapshot, or of a copy of it
   */
  void inscribe(String id, SnapshotRef ref, Inscription inscription) {
    try {
      Map<String, String> present =
          ec2.reading().describeSnapshots(r -> r.snapshotIds(id)).snapshots().stream()
              .findFirst()
              .map(snapshot -> EbsTags.map(snapshot.tags()))
              .orElse(Map.of());
      List<Tag> tags = EbsTags.inscription(ref, inscription, present);
      ec2.reading().createTags(r -> r.resources(id).tags(tags));
    } catch (SdkException e) {
      throw Ec2Errors.translate("CreateTags", id, e);
    }
  }

  void delete(String id) {
    try {
      ec2.reading().deleteSnapshot(request -> request.snapshotId(id));
    } catch (SdkException e) {
      if (!Ec2Errors.isNotFound(e)) {
        throw Ec2Errors.translate("DeleteSnapshot", id, e);
      }
    }
  }

  private List<Tagged> describe(List<Filter> filters) {
    try {
      return ec2
          .reading()
          .describeSnapshotsPaginator(
              request -> request.ownerIds("self").filters(filters).maxResults(1000))
          .snapshots()
          .stream()
          .flatMap(snapshot -> read(snapshot).stream())
          .toList();
    } catch (SdkException e) {
      throw Ec2Errors.translate("DescribeSnapshots", "the backup's snapshots", e);
    }
  }

  private static Optional<Tagged> read(Snapshot snapshot) {
    Map<String, String> tags = EbsTags.map(snapshot.tags());
    return EbsTags.identity(tags, snapshot.volumeId())
        .map(
            identity ->
                new Tagged(
                    found(snapshot, tags, identity),
                    snapshot.volumeSize() == null ? 0 : snapshot.volumeSize(),
                    key(snapshot.encrypted(), snapshot.kmsKeyId()),
                    tags));
  }

  /** The key that encrypts something; empty if nothing does. */
  static Optional<String> key(Boolean encrypted, String kmsKey) {
    return Boolean.TRUE.equals(encrypted)
        ? Optional.of(kmsKey == null ? "the account's default key" : kmsKey)
        : Optional.empty();
  }

  private static FoundSnapshot found(
      Snapshot snapshot, Map<String, String> tags, SnapshotIdentity identity) {
    long volumeBytes = snapshot.volumeSize() == null ? 0 : snapshot.volumeSize() * GIB;
    long bytes =
        snapshot.fullSnapshotSizeInBytes() == null
            ? volumeBytes
            : snapshot.fullSnapshotSizeInBytes();
    boolean completed = snapshot.state() == SnapshotState.COMPLETED;
    return new FoundSnapshot(
        identity,
        ref(identity, snapshot.snapshotId(), bytes, completed),
        snapshot.startTime(),
        failure(snapshot),
        completed ? bytes : bytes / 100 * percent(snapshot.progress()),
        EbsTags.inscription(tags),
        "");
  }

  static SnapshotRef ref(SnapshotIdentity identity, String id, long bytes, boolean ready) {
    return new SnapshotRef(
        identity.set(),
        identity.member(),
        SnapshotType.EBS,
        id,
        identity.volume(),
        identity.role(),
        identity.cursorBackupId(),
        bytes,
        ready);
  }

  private static String failure(Snapshot snapshot) {
    return switch (snapshot.state()) {
      case PENDING, COMPLETED -> "";
      default ->
          "state %s %s"
              .formatted(
                  snapshot.stateAsString(),
                  snapshot.stateMessage() == null ? "" : snapshot.stateMessage())
              .strip();
    };
  }

  private static int percent(String progress) {
    if (progress == null || !progress.endsWith("%")) {
      return 0;
    }
    try {
      return Integer.parseInt(progress.substring(0, progress.length() - 1).strip());
    } catch (NumberFormatException e) {
      throw new StillpointException(
          ErrorCode.PROVIDER_FAILED,
          "a snapshot's progress is '%s', not a percentage".formatted(progress),
          "",
          e);
    }
  }
}
