package io.stillpoint.activities;

import io.stillpoint.activity.RecoveryActivities.MarkedSet;
import io.stillpoint.activity.RecoveryActivities.RestoreMark;
import io.stillpoint.catalog.OperationRecord;
import io.stillpoint.model.BalancerSettings;
import io.stillpoint.model.ReplicaSetRole;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes a restore's mark as an operation's record, whose details are texts, and reads it. */
final class RestoreMarks {

  private static final String KIND = "restore";
  private static final String RESTORE = "restore";
  private static final String BACKUP = "backup";
  private static final String ROUTERS = "routers";
  private static final String SET = "set/";

  private RestoreMarks() {}

  static boolean isMark(OperationRecord operation) {
    return operation.kind().equals(KIND);
  }

  /**
   * @param run of the workflow that restores
   */
  static OperationRecord write(String cluster, RestoreMark mark, String run, Instant now) {
    Map<String, String> details = new LinkedHashMap<>();
    details.put(OperationRecord.RUN, run);
    details.put(RESTORE, mark.restore());
    details.put(BACKUP, mark.backup());
    details.put(ROUTERS, String.join(",", mark.routers()));
    for (MarkedSet set : mark.sets()) {
      details.put(
          SET + set.set(),
          "%s %s %s"
              .formatted(set.role().name(), set.preferred(), String.join(",", set.members())));
    }
    return new OperationRecord(
        cluster, mark.operation(), KIND, now, BalancerSettings.NONE, details);
  }

  static RestoreMark read(OperationRecord operation) {
    Map<String, String> details = operation.details();
    List<MarkedSet> sets =
        details.entrySet().stream()
            .filter(e -> e.getKey().startsWith(SET))
            .sorted(Map.Entry.comparingByKey())
            .map(e -> set(e.getKey().substring(SET.length()), e.getValue()))
            .toList();
    return new RestoreMark(
        operation.operation(),
        details.getOrDefault(RESTORE, ""),
        details.getOrDefault(BACKUP, ""),
        sets,
        list(details.getOrDefault(ROUTERS, "")));
  }

  private static MarkedSet set(String name, String text) {
    String[] fields = text.split(" ", 3);
    return new MarkedSet(name, ReplicaSetRole.valueOf(fields[0]), fields[1], list(fields[2]));
  }

  private static List<String> list(String text) {
    return text.isEmpty() ? List.of() : List.of(text.split(","));
  }
}
