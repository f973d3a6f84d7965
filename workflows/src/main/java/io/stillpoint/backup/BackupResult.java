package io.stillpoint.backup;

import io.stillpoint.model.BackupSummary;
import java.util.List;
import java.util.Optional;

/**
 * @param summary absent for a dry run
 * @param plan what was, or would be, done; one sentence each
 * @param cursorsAdopted how often a worker carried on with a cursor that another had opened
 */
public record BackupResult(
    String backup,
    Optional<BackupSummary> summary,
    List<String> plan,
    long cursorWindowMillis,
    int cursorsAdopted,
    int attempts) {
  public BackupResult {
    plan = List.copyOf(plan);
  }
}
