package io.stillpoint.catalog;

import io.stillpoint.activity.CatalogActivities.BeginRequest;
import io.stillpoint.activity.CatalogActivities.CompleteRequest;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.BalancerSettings;
import io.stillpoint.model.Manifest;
import io.stillpoint.model.ManifestSet;
import io.stillpoint.model.OperationStatus;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/** How a manifest goes from one state to the next, whatever keeps it. */
final class ManifestTransitions {

  private final Clock clock;

  ManifestTransitions(Clock clock) {
    this.clock = clock;
  }

  Manifest begun(BeginRequest request) {
    return new Manifest(
        Manifest.FORMAT_VERSION,
        request.backup(),
        request.cluster(),
        "",
        false,
        request.type(),
        OperationStatus.RUNNING,
        request.owner(),
        now(),
        Optional.empty(),
        Optional.empty(),
        0,
        BalancerSettings.NONE,
        List.of(),
        request.tags(),
        List.of(),
        "");
  }

  /** Errors: BACKUP_EXISTS. */
  static Manifest owned(Manifest manifest, String owner) {
    if (!manifest.owner().equals(owner)) {
      throw CatalogErrors.foreign(manifest.backup(), manifest.owner(), owner);
    }
    return manifest;
  }

  /** Errors: BACKUP_NOT_COMPLETE, SNAPSHOT_INCOMPLETE, SNAPSHOT_FOREIGN. */
  Manifest completed(Manifest begun, CompleteRequest request, List<ManifestSet> parts) {
    if (begun.status() != OperationStatus.RUNNING) {
      throw new StillpointException(
          ErrorCode.BACKUP_NOT_COMPLETE,
          "backup %s has ended as %s and cannot become COMPLETED: %s"
              .formatted(begun.backup(), begun.status(), begun.failure()),
          "start a new backup");
    }
    return new Manifest(
        Manifest.FORMAT_VERSION,
        begun.backup(),
        begun.cluster(),
        request.clusterId(),
        request.sharded(),
        begun.type(),
        OperationStatus.COMPLETED,
        begun.owner(),
        begun.startedAt(),
        Optional.of(now()),
        Optional.of(request.point()),
        request.cursorWindowMillis(),
        request.balancer(),
        new Completion(begun, request).sets(parts),
        begun.tags(),
        request.warnings(),
        "");
  }

  /**
   * The owner may also end what was COMPLETED: an operation that never heard of its success is
   * about to delete the snapshots. FAILED, CANCELLED and DELETING are final.
   *
   * @return empty if there is nothing to change
   */
  Optional<Manifest> ended(Manifest begun, OperationStatus status, String failure) {
    if (begun.status() != OperationStatus.RUNNING && begun.status() != OperationStatus.COMPLETED) {
      return Optional.empty();
    }
    return Optional.of(
        new Manifest(
            begun.formatVersion(),
            begun.backup(),
            begun.cluster(),
            begun.clusterId(),
            begun.sharded(),
            begun.type(),
            status,
            begun.owner(),
            begun.startedAt(),
            Optional.of(now()),
            begun.consistentPoint(),
            begun.cursorWindowMillis(),
            begun.balancer(),
            List.of(),
            begun.tags(),
            begun.warnings(),
            failure));
  }

  /** Errors: BAD_INPUT. */
  static void requireEnd(OperationStatus status) {
    if (status != OperationStatus.FAILED && status != OperationStatus.CANCELLED) {
      throw new StillpointException(
          ErrorCode.BAD_INPUT, "a backup cannot be ended as " + status, "use FAILED or CANCELLED");
    }
  }

  /** Errors: BACKUP_NOT_COMPLETE while it is RUNNING. */
  Manifest deleting(Manifest manifest) {
    if (manifest.status() == OperationStatus.RUNNING) {
      throw new StillpointException(
          ErrorCode.BACKUP_NOT_COMPLETE,
          "backup %s is RUNNING, so what it has cut is not recorded and would be left behind"
              .formatted(manifest.backup()),
          "let it end or cancel it; if its operation was killed: stillpoint recover --cluster "
              + manifest.cluster());
    }
    return manifest.status() == OperationStatus.DELETING
        ? manifest
        : manifest.deleting(
            "its deletion began at %s; finish it: stillpoint delete-backup %s --yes"
                .formatted(now().truncatedTo(ChronoUnit.SECONDS), manifest.backup()));
  }

  /** Errors: BACKUP_NOT_COMPLETE unless it is RUNNING. */
  static void requireRunning(Manifest manifest) {
    if (manifest.status() != OperationStatus.RUNNING) {
      throw new StillpointException(
          ErrorCode.BACKUP_NOT_COMPLETE,
          "backup %s has ended as %s and takes no more parts"
              .formatted(manifest.backup(), manifest.status()),
          "start a new backup");
    }
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }
}
