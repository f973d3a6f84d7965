package io.stillpoint.model;

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
    boolean ready) {}
