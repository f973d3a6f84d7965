package io.stillpoint.policy;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Names that people can read, made in one place. */
public final class WorkflowIds {

  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

  // A schedule appends the planned time to the workflow id that it was given.
  private static final Pattern SCHEDULED =
      Pattern.compile(
          "backup/([A-Za-z0-9][A-Za-z0-9._-]*)-(\\d{4})-(\\d\\d)-(\\d\\d)T(\\d\\d):(\\d\\d):(\\d\\d)Z");
  private static final Pattern STAMPED =
      Pattern.compile("(.+)-(\\d{4})(\\d\\d)(\\d\\d)T(\\d\\d)(\\d\\d)(\\d\\d)Z");

  private WorkflowIds() {}

  /** {@code <cluster>-20261122T101500Z}: a backup's name if its request gives none. */
  public static String backupName(String cluster, Instant now) {
    return cluster + "-" + STAMP.format(now);
  }

  /**
   * The name of the backup that a schedule started under this workflow id: {@code
   * backup/shop-2026-11-22T02:00:00Z} makes {@code shop-20261122T020000Z}. Empty for other ids.
   */
  public static Optional<String> backupOfSchedule(String workflowId) {
    Matcher m = SCHEDULED.matcher(workflowId);
    return m.matches() ? Optional.of(m.replaceFirst("$1-$2$3$4T$5$6$7Z")) : Optional.empty();
  }

  /** The inverse of {@link #backupOfSchedule}. */
  public static Optional<String> scheduledBackup(String backup) {
    Matcher m = STAMPED.matcher(backup);
    return m.matches()
        ? Optional.of(backup(m.replaceFirst("$1-$2-$3-$4T$5:$6:$7Z")))
        : Optional.empty();
  }

  /** {@code <backup>-restore-20261122T101500Z}: a restore's name if its request gives none. */
  public static String restoreName(String backup, Instant now) {
    return backup + "-restore-" + STAMP.format(now);
  }

  public static String backup(String backup) {
    return "backup/" + backup;
  }

  public static String restore(String restore) {
    return "restore/" + restore;
  }

  /** Of the workflow that applies retention; one at a time for a cluster. */
  public static String prune(String cluster) {
    return "prune/" + cluster;
  }

  /** Keeps a restore's old data for a while. */
  public static String release(String restore) {
    return "release/" + restore;
  }

  /** One recovery of a cluster at a time. */
  public static String recover(String cluster) {
    return "recover/" + cluster;
  }

  /** What the lock on deleting a cluster's backups is taken on; no cluster has such a name. */
  public static String deletions(String cluster) {
    return cluster + "/deletions";
  }

  /** The child workflow that holds a cluster for one operation; the server keeps it unique. */
  public static String lock(String cluster) {
    return "lock/" + cluster;
  }
}
