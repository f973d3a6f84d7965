package io.stillpoint.retention;

import java.util.List;

/**
 * @param kept how many backups stay
 * @param deleted the backups that were deleted, or would be in a dry run
 * @param bytes of the deleted ones
 * @param failures one sentence for each backup that could not be deleted
 * @param remaining how many more are to be deleted by the next run
 */
public record PruneResult(
    String cluster,
    RetentionPolicy retention,
    boolean dryRun,
    int kept,
    List<String> deleted,
    long bytes,
    List<String> failures,
    int remaining) {
  public PruneResult {
    deleted = List.copyOf(deleted);
    failures = List.copyOf(failures);
  }
}
