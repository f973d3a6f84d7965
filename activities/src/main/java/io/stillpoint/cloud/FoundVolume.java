package io.stillpoint.cloud;

import io.stillpoint.model.SnapshotType;
import java.time.Instant;

/**
 * A volume that a restore made, as the cloud lists it.
 *
 * @param id as {@link VolumeRestorer#create} returned it
 * @param restore the one that made it
 * @param member the one that it was made for
 * @param use what it was made for; empty if that was not written on it
 * @param replaced a later restore took its place, and the data on it was given up
 * @param machine that it is attached to; empty if it is attached to none
 */
public record FoundVolume(
    SnapshotType type,
    String id,
    String restore,
    String backup,
    String member,
    String use,
    boolean replaced,
    String machine,
    Instant createdAt,
    long bytes) {

  /** Use: read from for the time of a copy; it never holds live data. */
  public static final String COPY = "copy";

  /** Use: takes the place of a live volume. */
  public static final String EXCHANGE = "exchange";
}
