package io.stillpoint.policy;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** Names that people can read, made in one place. */
public final class WorkflowIds {

  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

  private WorkflowIds() {}

  /** {@code <cluster>-20261122T101500Z}: a backup's name if its request gives none. */
  public static String backupName(String cluster, Instant now) {
    return cluster + "-" + STAMP.format(now);
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

  /** The child workflow that holds a cluster for one operation; the server keeps it unique. */
  public static String lock(String cluster) {
    return "lock/" + cluster;
  }
}
