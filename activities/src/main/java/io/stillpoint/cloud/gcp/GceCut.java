package io.stillpoint.cloud.gcp;

import com.google.api.gax.rpc.ApiException;
import com.google.cloud.compute.v1.Operation;
import com.google.cloud.compute.v1.Snapshot;
import io.stillpoint.activity.SnapshotActivities.CutRequest;
import io.stillpoint.cloud.FoundSnapshot;
import io.stillpoint.cloud.Pacer;
import io.stillpoint.cloud.Patience;
import io.stillpoint.cloud.RateGate;
import io.stillpoint.cloud.SnapshotIdentity;
import io.stillpoint.cloud.VolumePlacement;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.SnapshotRef;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Cuts one member's disks. A snapshot's name is derived from everything that it is, the cursor
 * included, and Compute keeps names unique; so repeating a cut finds what there is.
 */
final class GceCut {

  private static final Logger LOG = LoggerFactory.getLogger(GceCut.class);

  private final GceAccess gce;
  private final GceSettings settings;
  private final GceSnapshots snapshots;
  private final RateGate gate;
  private final Patience patience;

  GceCut(GceAccess gce, GceSettings settings, GceSnapshots snapshots, Pacer pacer) {
    this.gce = gce;
    this.settings = settings;
    this.snapshots = snapshots;
    // Compute counts per disk over an hour, so there is no pause after which it surely accepts.
    this.gate = new RateGate(pacer, Duration.ZERO, settings.altogether());
    this.patience = new Patience(pacer);
  }

  /**
   * Compute fixes a snapshot's content when its status leaves CREATING; until then the caller holds
   * the cursor, so this returns only then.
   */
  List<SnapshotRef> cut(CutRequest request, List<VolumePlacement> placements, Runnable alive) {
    Map<SnapshotIdentity, Optional<Operation>> started = new LinkedHashMap<>();
    for (VolumePlacement placement : placements) {
      SnapshotIdentity identity = SnapshotIdentity.of(request, placement);
      started.put(identity, start(request, identity, placement, alive));
    }
    List<SnapshotRef> refs = new ArrayList<>();
    started.forEach((identity, operation) -> refs.add(awaitFixed(identity, operation, alive)));
    return refs;
  }

  /** The insertion's operation; empty if the snapshot is there already. */
  private Optional<Operation> start(
      CutRequest request, SnapshotIdentity identity, VolumePlacement placement, Runnable alive) {
    String name = GceNames.snapshot(identity);
    if (snapshots.get(name).isPresent()) {
      LOG.info("adopting the snapshot {} that an earlier try made", name);
      return Optional.empty();
    }
    gate.pass(List.of(identity.volume()), alive);
    alive.run();
    try {
      return Optional.of(snapshots.insert(identity, placement.zone(), request.tags()));
    } catch (ApiException e) {
      if (GceErrors.existsAlready(e)) {
        return Optional.empty();
      }
      if (!GceErrors.outcomeUnknown(e)) {
        throw GceErrors.translate("compute.disks.createSnapshot", identity.volume(), e);
      }
      LOG.warn("the outcome of inserting {} is unknown: {}", name, e.getMessage());
      patience
          .find(settings.lookFor(), alive, () -> snapshots.get(name))
          .orElseThrow(
              () -> GceErrors.translate("compute.disks.createSnapshot", identity.volume(), e));
      return Optional.empty();
    }
  }

  private SnapshotRef awaitFixed(
      SnapshotIdentity identity, Optional<Operation> operation, Runnable alive) {
    String name = GceNames.snapshot(identity);
    Snapshot fixed =
        patience
            .find(settings.fixing(), alive, () -> fixed(name, operation))
            .orElseThrow(
                () ->
                    new StillpointException(
                        ErrorCode.PROVIDER_FAILED,
                        "snapshot %s of disk %s was not cut within %d s"
                            .formatted(name, identity.volume(), settings.fixing().toSeconds()),
                        "it is tried again; look at the snapshot's status in the Cloud console"));
    FoundSnapshot found =
        GceSnapshots.read(fixed)
            .filter(s -> s.identity().equals(identity))
            .orElseThrow(
                () ->
                    new StillpointException(
                        ErrorCode.SNAPSHOT_FOREIGN,
                        "a snapshot named %s exists, but its description is not this backup's"
                            .formatted(name),
                        "delete or rename it, then start another backup"));
    if (found.failed()) {
      throw new StillpointException(
          ErrorCode.SNAPSHOT_FAILED,
          "snapshot %s of disk %s has %s".formatted(name, identity.volume(), found.failure()),
          "start another backup; see the snapshot in the Cloud console for the reason");
    }
    return found.ref();
  }

  /** The snapshot once it has left CREATING; throws as soon as its operation has failed. */
  private Optional<Snapshot> fixed(String name, Optional<Operation> operation) {
    Optional<Snapshot> seen = snapshots.get(name);
    if (seen.isEmpty() && operation.isPresent()) {
      GceErrors.requireNoError(current(operation.get()), name);
    }
    return seen.filter(s -> !s.getStatus().isEmpty() && !s.getStatus().equals("CREATING"));
  }

  private Operation current(Operation operation) {
    if (operation.hasError()) {
      return operation;
    }
    try {
      return gce.globalOperations().get(settings.snapshotProject(), operation.getName());
    } catch (ApiException e) {
      throw GceErrors.translate("compute.globalOperations.get", operation.getName(), e);
    }
  }
}
