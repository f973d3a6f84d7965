package io.stillpoint.host;

import io.stillpoint.activity.NodeActivities.RecoverReport;
import io.stillpoint.activity.NodeActivities.StageReport;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * How far one restore has come on one member; written before each step that changes something.
 *
 * @param oldNames entries of the data path that the swap moves away, empty before it begins; or the
 *     volumes that it unmounts, from when others were staged
 * @param newNames entries of the stage that it moves in, or volumes
 * @param staged what the stage holds, once it was checked
 * @param recovered what was proven of the data, once its recovery began
 * @param log of the server when the data was recovered; absent before, and with states that an
 *     older build wrote
 */
public record RestoreState(
    int formatVersion,
    String restore,
    String backup,
    String member,
    Step step,
    List<String> oldNames,
    List<String> newNames,
    Optional<StageReport> staged,
    Optional<RecoverReport> recovered,
    Instant changedAt,
    Optional<LogMark> log) {

  public static final int FORMAT_VERSION = 1;

  /** The steps; {@link #isEnded} ones stay for ever, so that a late repetition is refused. */
  public enum Step {
    /** The stage is being filled. */
    STAGING,
    /** The stage was checked. Up to here the live data is untouched. */
    STAGED,
    /** The old entries are being moved from the data path into old. */
    MOVING_OLD,
    /** All old entries are in old; the new ones are being moved into the data path. */
    MOVING_NEW,
    /** The new data is in place and nobody may start on it before it is recovered. */
    SWAPPED,
    /** The new data was proven and edited; now it is replayed to the point, for other shard ids. */
    REPLAYING,
    /** The new data is at the point; now the other shard ids are written into it. */
    RENAMING,
    /** The new data was recovered to the point and proven. */
    RECOVERED,
    /** All old entries are in old; the new ones are being moved away. */
    UNDO_DISCARDING,
    /** The old entries are being moved back. */
    UNDO_RETURNING,
    UNDONE,
    DROPPED,
    /** The new data stays; the old data is being, or has been, deleted. */
    RELEASED;

    public boolean isEnded() {
      return this == UNDONE || this == DROPPED || this == RELEASED;
    }

    /** On the way to the new data, from which an undo may have to begin. */
    public boolean isForward() {
      return !isEnded() && this != UNDO_DISCARDING && this != UNDO_RETURNING;
    }

    /** The new data is in the data path, recovered or not. */
    public boolean isSwappedIn() {
      return this == SWAPPED || this == REPLAYING || this == RENAMING || this == RECOVERED;
    }

    /** The data path holds one whole set of data that a server may be started on. */
    public boolean isStartable() {
      return this == STAGING || this == STAGED || this == RECOVERED || isEnded();
    }
  }

  public RestoreState {
    oldNames = List.copyOf(oldNames);
    newNames = List.copyOf(newNames);
    log = log == null ? Optional.empty() : log;
  }

  static RestoreState staging(String restore, String backup, String member, Instant now) {
    return new RestoreState(
        FORMAT_VERSION,
        restore,
        backup,
        member,
        Step.STAGING,
        List.of(),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        now,
        Optional.empty());
  }

  RestoreState at(Step next, Instant now) {
    return new RestoreState(
        formatVersion,
        restore,
        backup,
        member,
        next,
        oldNames,
        newNames,
        staged,
        recovered,
        now,
        log);
  }

  RestoreState moving(List<String> old, List<String> fresh, Instant now) {
    return new RestoreState(
        formatVersion,
        restore,
        backup,
        member,
        Step.MOVING_OLD,
        old,
        fresh,
        staged,
        recovered,
        now,
        log);
  }

  RestoreState withVolumes(List<String> live, List<String> fresh, Instant now) {
    return new RestoreState(
        formatVersion, restore, backup, member, step, live, fresh, staged, recovered, now, log);
  }

  RestoreState staged(StageReport report, Instant now) {
    return new RestoreState(
        formatVersion,
        restore,
        backup,
        member,
        Step.STAGED,
        oldNames,
        newNames,
        Optional.of(report),
        recovered,
        now,
        log);
  }

  /** At a step from REPLAYING to RECOVERED, all of which know what was proven. */
  RestoreState proven(RecoverReport report, Step next, Instant now) {
    return new RestoreState(
        formatVersion,
        restore,
        backup,
        member,
        next,
        oldNames,
        newNames,
        staged,
        Optional.of(report),
        now,
        log);
  }

  /** Recovered, with a log in which only what is written from here on is of the restored data. */
  RestoreState recovered(LogMark mark, Instant now) {
    return new RestoreState(
        formatVersion,
        restore,
        backup,
        member,
        Step.RECOVERED,
        oldNames,
        newNames,
        staged,
        recovered,
        now,
        Optional.of(mark));
  }
}
