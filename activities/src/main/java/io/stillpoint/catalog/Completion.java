package io.stillpoint.catalog;

import io.stillpoint.activity.CatalogActivities.CompleteRequest;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.Manifest;
import io.stillpoint.model.ManifestSet;
import io.stillpoint.model.SnapshotRef;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Joins the sets' parts with their snapshots, and refuses what would not be a backup. */
record Completion(Manifest begun, CompleteRequest request) {

  List<ManifestSet> sets(List<ManifestSet> parts) {
    Map<String, List<SnapshotRef>> bySet =
        request.snapshots().stream()
            .collect(Collectors.groupingBy(SnapshotRef::set, TreeMap::new, Collectors.toList()));
    if (parts.isEmpty()) {
      throw incomplete("attempt %d has no parts".formatted(request.attempt()));
    }
    for (String set : bySet.keySet()) {
      if (parts.stream().noneMatch(part -> part.set().equals(set))) {
        throw incomplete(
            "set %s has snapshots, but no part of attempt %d".formatted(set, request.attempt()));
      }
    }
    return parts.stream()
        .map(part -> part.withSnapshots(checked(part, bySet.getOrDefault(part.set(), List.of()))))
        .toList();
  }

  private List<SnapshotRef> checked(ManifestSet part, List<SnapshotRef> snapshots) {
    if (!begun.type().automatic()) {
      return snapshots;
    }
    if (snapshots.isEmpty()) {
      throw incomplete("set %s has no snapshot".formatted(part.set()));
    }
    for (SnapshotRef snapshot : snapshots) {
      if (!snapshot.ready()) {
        throw incomplete("snapshot %s is not ready".formatted(snapshot.id()));
      }
      if (!snapshot.cursorBackupId().equals(part.cursorBackupId())) {
        throw new StillpointException(
            ErrorCode.SNAPSHOT_FOREIGN,
            "snapshot %s of set %s was cut under backup cursor '%s', the set's is '%s'"
                .formatted(
                    snapshot.id(), part.set(), snapshot.cursorBackupId(), part.cursorBackupId()),
            "start a new backup; this one was refused because its data would not be consistent");
      }
    }
    return snapshots;
  }

  private StillpointException incomplete(String why) {
    return new StillpointException(
        ErrorCode.SNAPSHOT_INCOMPLETE,
        "backup %s cannot be recorded as COMPLETED: %s".formatted(begun.backup(), why),
        "start a new backup");
  }
}
