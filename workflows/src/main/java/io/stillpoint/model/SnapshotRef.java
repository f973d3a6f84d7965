package io.stillpoint.model;

import java.util.List;
import java.util.stream.Stream;

/**
 * One snapshot of one volume, or one data directory's copy.
 *
 * @param provider the type that made it
 * @param id the provider's own name for it: a path, snap-…, a snapshot's name
 * @param volume what it was cut from: a data directory, vol-…, a disk's name
 * @param role what the volume is to the member: data, journal
 * @param cursorBackupId the backup cursor under which it was cut; empty for copies made by a person
 * @param bytes size where the provider tells it, else 0
 * @param ready it can be restored from
 * @param copies finished copies in other places of its cloud; absent in older records
 */
public record SnapshotRef(
    String set,
    String member,
    SnapshotType provider,
    String id,
    String volume,
    String role,
    String cursorBackupId,
    long bytes,
    boolean ready,
    List<SnapshotCopy> copies) {

  public SnapshotRef {
    copies = copies == null ? List.of() : List.copyOf(copies);
  }

  /** Without copies. */
  public SnapshotRef(
      String set,
      String member,
      SnapshotType provider,
      String id,
      String volume,
      String role,
      String cursorBackupId,
      long bytes,
      boolean ready) {
    this(set, member, provider, id, volume, role, cursorBackupId, bytes, ready, List.of());
  }

  public SnapshotRef withCopies(List<SnapshotCopy> finished) {
    return new SnapshotRef(
        set, member, provider, id, volume, role, cursorBackupId, bytes, ready, finished);
  }

  /** The id of what can be restored from in a place: the copy's there, else the snapshot's own. */
  public String idIn(String place) {
    return copies.stream()
        .filter(copy -> copy.place().equals(place))
        .map(SnapshotCopy::id)
        .findFirst()
        .orElse(id);
  }

  /** Its own id and those of its copies. */
  public Stream<String> ids() {
    return Stream.concat(Stream.of(id), copies.stream().map(SnapshotCopy::id));
  }
}
