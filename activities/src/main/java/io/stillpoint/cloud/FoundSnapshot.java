package io.stillpoint.cloud;

import io.stillpoint.model.SnapshotRef;
import java.time.Instant;
import java.util.Optional;

/**
 * A snapshot of ours as the cloud lists it.
 *
 * @param startedAt by the cloud's clock; for reports, never to judge what a snapshot holds
 * @param failure the cloud's reason if the snapshot will never be ready, else empty
 * @param doneBytes how much of it is stored, as far as the cloud tells
 * @param inscription what {@link SnapshotInventory#inscribe} wrote onto it, if it did
 */
public record FoundSnapshot(
    SnapshotIdentity identity,
    SnapshotRef ref,
    Instant startedAt,
    String failure,
    long doneBytes,
    Optional<Inscription> inscription) {

  public boolean failed() {
    return !failure.isEmpty();
  }
}
