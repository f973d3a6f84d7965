package io.stillpoint.recover;

/**
 * Something that a dead operation left behind, and what became of it.
 *
 * @param where member, backup or workflow that it was found at
 * @param found in words
 * @param done what was, would be, or could not be done, in words
 */
public record Finding(Kind kind, String where, String found, String done, Outcome outcome) {

  /** What was found. */
  public enum Kind {
    LOCK,
    RESTORE,
    BALANCER,
    CURSOR,
    BACKUP,
    SNAPSHOT,
    OLD_DATA,
    CLUSTER
  }

  /** What became of it. */
  public enum Outcome {
    MENDED,
    /** A dry run. */
    WOULD_MEND,
    /** Left alone on purpose; {@code done} says how it is removed. */
    LEFT,
    FAILED
  }

  /** One line for people. */
  public String line() {
    return "%s: %s; %s".formatted(where, found, done);
  }
}
