package io.stillpoint.model;

/**
 * What retention needs to know of one backup, small enough that hundreds fit into one payload.
 *
 * @param at epoch seconds of the consistent point, or of the start of a backup that has none
 * @param bytes that its file lists add up to
 * @param inUse a running restore reads its snapshots
 */
public record CatalogEntry(String backup, State state, long at, long bytes, boolean inUse) {

  /** How retention looks at a backup. */
  public enum State {
    /** COMPLETED, with a record that can be read. */
    GOOD,
    /** Still RUNNING, or its operation was killed. */
    RUNNING,
    /** FAILED or CANCELLED: a record without snapshots. */
    FAILED,
    /** Its deletion began and did not end. */
    DELETING,
    /** Its record is damaged or of another version. */
    UNUSABLE
  }
}
