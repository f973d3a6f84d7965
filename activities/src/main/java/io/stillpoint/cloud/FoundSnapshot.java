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
 * @param place where it is; empty for where the worker looks first
 */
public record FoundSnapshot(
    SnapshotIdentity identity,
    SnapshotRef ref,
    Instant startedAt,
    String failure,
    long doneBytes,
    Optional<Inscription> inscription,
    String place) {

  /** The same in another place. */
  public FoundSnapshot at(String otherPlace) {
    return new FoundSnapshot(identity, ref, startedAt, failure, doneBytes, inscription, otherPlace);
  }

  public boolean failed() {
    return !failure.isEmpty();
  }
}
