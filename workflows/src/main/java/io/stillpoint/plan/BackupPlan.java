package io.stillpoint.plan;

import io.stillpoint.model.ReplicaSetRole;
import java.util.List;

/** Which member of each set will be copied, and what a person should know before. */
public record BackupPlan(List<SetPlan> sets, List<String> warnings) {

  public BackupPlan {
    sets = List.copyOf(sets);
    warnings = List.copyOf(warnings);
  }

  /**
   * @param reason why this member, in words
   */
  public record SetPlan(
      String set,
      String shardId,
      ReplicaSetRole role,
      String member,
      String dbPath,
      String version,
      String reason) {

    /** One line for people. */
    public String line() {
      return "%s: copy %s (%s, %s, %s)".formatted(set, member, reason, version, dbPath);
    }
  }
}
