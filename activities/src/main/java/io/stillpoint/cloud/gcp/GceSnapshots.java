package io.stillpoint.cloud.gcp;

import com.google.api.gax.rpc.ApiException;
import com.google.cloud.compute.v1.CustomerEncryptionKey;
import com.google.cloud.compute.v1.DeleteSnapshotRequest;
import com.google.cloud.compute.v1.GlobalSetLabelsRequest;
import com.google.cloud.compute.v1.InsertSnapshotRequest;
import com.google.cloud.compute.v1.ListSnapshotsRequest;
import com.google.cloud.compute.v1.Operation;
import com.google.cloud.compute.v1.SetLabelsSnapshotRequest;
import com.google.cloud.compute.v1.Snapshot;
import io.stillpoint.cloud.FoundSnapshot;
import io.stillpoint.cloud.Inscription;
import io.stillpoint.cloud.SnapshotIdentity;
import io.stillpoint.cloud.Strays;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.SnapshotRef;
import io.stillpoint.model.SnapshotType;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.StreamSupport;

/** Looks for our snapshots, makes and deletes them. A snapshot's id is its name. */
final class GceSnapshots {

  private static final long GB = 1L << 30;

  private final GceAccess gce;
  private final GceSettings settings;

  GceSnapshots(GceAccess gce, GceSettings settings) {
    this.gce = gce;
    this.settings = settings;
  }

  Optional<Snapshot> get(String name) {
    try {
      return Optional.of(gce.snapshots().get(settings.snapshotProject(), name));
    } catch (ApiException e) {
      if (GceErrors.isNotFound(e)) {
        return Optional.empty();
      }
      throw GceErrors.translate("compute.snapshots.get", name, e);
    }
  }

  /** Errors: SNAPSHOT_UNREACHABLE (gone), SNAPSHOT_INCOMPLETE, SNAPSHOT_FOREIGN. */
  Snapshot restorable(String backup, SnapshotRef recorded) {
    Snapshot snapshot = get(recorded.id()).orElseThrow(() -> unreachable(recorded.id()));
    FoundSnapshot found = read(snapshot).orElseThrow(() -> unreachable(recorded.id()));
    Strays.requireRestorable(found, backup, recorded);
    return snapshot;
  }

  private StillpointException unreachable(String name) {
    return new StillpointException(
        ErrorCode.SNAPSHOT_UNREACHABLE,
        "snapshot %s is not in project %s, or its description is not ours"
            .formatted(name, settings.snapshotProject()),
        "use another backup: stillpoint list");
  }

  Optional<FoundSnapshot> find(String name) {
    return get(name).flatMap(GceSnapshots::read);
  }

  /** All of ours that carry these facts. Labels only narrow the search; descriptions decide. */
  List<FoundSnapshot> with(Map<String, String> facts) {
    try {
      return StreamSupport.stream(
              gce.snapshots()
                  .list(
                      ListSnapshotsRequest.newBuilder()
                          .setProject(settings.snapshotProject())
                          .setFilter(GceNames.filter(facts))
                          .build())
                  .iterateAll()
                  .spliterator(),
              false)
          .flatMap(snapshot -> read(snapshot).stream())
          .filter(s -> s.identity().facts().entrySet().containsAll(facts.entrySet()))
          .toList();
    } catch (ApiException e) {
      throw GceErrors.translate("compute.snapshots.list", "the backup's snapshots", e);
    }
  }

  /**
   * Sends one insertion. The name makes it repeatable; the request id only guards against a
   * transport that delivers it twice, so it is new each time: an id is said to be remembered with
   * its failure.
   */
  Operation insert(SnapshotIdentity identity, String zone, Map<String, String> tags) {
    Snapshot.Builder snapshot =
        Snapshot.newBuilder()
            .setName(GceNames.snapshot(identity))
            .setSourceDisk(
                "projects/%s/zones/%s/disks/%s"
                    .formatted(settings.project(), zone, identity.volume()))
            .setDescription(GceNames.description(identity.facts()));
    tags.forEach((key, value) -> snapshot.putLabels(GceNames.key(key), GceNames.value(value)));
    snapshot.putAllLabels(GceNames.labels(identity.facts()));
    if (!settings.kmsKey().isEmpty()) {
      snapshot.setSnapshotEncryptionKey(
          CustomerEncryptionKey.newBuilder().setKmsKeyName(settings.kmsKey()));
    }
    if (!settings.storageLocation().isEmpty()) {
      snapshot.addStorageLocations(settings.storageLocation());
    }
    return gce.snapshots()
        .insertCallable()
        .call(
            InsertSnapshotRequest.newBuilder()
                .setProject(settings.snapshotProject())
                .setRequestId(UUID.randomUUID().toString())
                .setSnapshotResource(snapshot)
                .build());
  }

  /** Returns once Compute has accepted the deletion. */
  void delete(String name) {
    try {
      Operation operation =
          gce.snapshots()
              .deleteCallable()
              .call(
                  DeleteSnapshotRequest.newBuilder()
                      .setProject(settings.snapshotProject())
                      .setSnapshot(name)
                      .build());
      GceErrors.requireNoError(operation, name);
    } catch (ApiException e) {
      if (!GceErrors.isNotFound(e)) {
        throw GceErrors.translate("compute.snapshots.delete", name, e);
      }
    }
  }

  void inscribe(SnapshotRef ref, Inscription inscription) {
    Snapshot now = get(ref.id()).orElse(Snapshot.getDefaultInstance());
    try {
      Operation operation =
          gce.snapshots()
              .setLabelsCallable()
              .call(
                  SetLabelsSnapshotRequest.newBuilder()
                      .setProject(settings.snapshotProject())
                      .setResource(ref.id())
                      .setGlobalSetLabelsRequestResource(
                          GlobalSetLabelsRequest.newBuilder()
                              .setLabelFingerprint(now.getLabelFingerprint())
                              .putAllLabels(
                                  GceNames.inscribed(ref, inscription, now.getLabelsMap())))
                      .build());
      GceErrors.requireNoError(operation, ref.id());
    } catch (ApiException e) {
      throw GceErrors.translate("compute.snapshots.setLabels", ref.id(), e);
    }
  }

  static Optional<FoundSnapshot> read(Snapshot snapshot) {
    return GceNames.facts(snapshot.getDescription())
        .flatMap(SnapshotIdentity::of)
        .map(identity -> found(snapshot, identity));
  }

  /** A thing is made with a key, not with the version that the key had then. */
  static Optional<String> key(String kmsKeyVersion) {
    return Optional.of(kmsKeyVersion.replaceFirst("/cryptoKeyVersions/.*", ""))
        .filter(key -> !key.isEmpty());
  }

  private static SnapshotRef ref(
      SnapshotIdentity identity, String name, long bytes, boolean ready) {
    return new SnapshotRef(
        identity.set(),
        identity.member(),
        SnapshotType.GCE,
        name,
        identity.volume(),
        identity.role(),
        identity.cursorBackupId(),
        bytes,
        ready);
  }

  private static FoundSnapshot found(Snapshot snapshot, SnapshotIdentity identity) {
    String status = snapshot.getStatus();
    boolean ready = status.equals("READY");
    long bytes =
        snapshot.hasStorageBytes() && ready
            ? snapshot.getStorageBytes()
            : snapshot.getDiskSizeGb() * GB;
    Instant created =
        snapshot.getCreationTimestamp().isEmpty()
            ? Instant.EPOCH
            : OffsetDateTime.parse(snapshot.getCreationTimestamp()).toInstant();
    boolean lost = status.equals("FAILED") || status.equals("DELETING");
    return new FoundSnapshot(
        identity,
        ref(identity, snapshot.getName(), bytes, ready),
        created,
        lost ? "status " + status : "",
        ready ? bytes : 0,
        GceNames.inscription(snapshot.getLabelsMap()),
        "");
  }
}
