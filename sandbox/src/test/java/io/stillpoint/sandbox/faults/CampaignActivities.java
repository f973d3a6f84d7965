package io.stillpoint.sandbox.faults;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Which activities the campaign strikes, and why it leaves the others out. */
final class CampaignActivities {

  /** Run by every backup. */
  private static final List<String> BACKUP =
      List.of(
          "RecoverySurvey",
          "SnapshotResolve",
          "CatalogBegin",
          "CursorOpen",
          "CursorFixPoint",
          "CursorExtend",
          "CursorDescribe",
          "CursorKeepAlive",
          "SnapshotCut",
          "SnapshotAwaitReady",
          "CatalogComplete");

  /** Of one set only, which ends its cursor in one step. */
  private static final List<String> SET_BACKUP = List.of("CursorFinish");

  private static final List<String> SHARDED_BACKUP =
      List.of(
          "BalancerSave",
          "BalancerStop",
          "TopologyAwaitQuiet",
          "BalancerRestore",
          "CursorProve",
          "CursorClose");

  /** Run by every restore. */
  private static final List<String> RESTORE =
      List.of(
          "CatalogReadForUse",
          "RecoveryLook",
          "TopologyRead",
          "NodeInspect",
          "RecoveryMark",
          "NodeStage",
          "NodeStop",
          "NodeSwap",
          "NodeRecover",
          "NodeStart",
          "ClusterStepUp",
          "ClusterSettle",
          "NodeProveStart",
          "ClusterCompareEndPoint",
          "RecoveryUnmark",
          "NodeRelease");

  private static final List<String> SHARDED_RESTORE = List.of("ClusterGiveBalancer");

  /** Run when another one failed for good; that one. */
  private static final Map<String, String> BACKUP_CLEAN_UP =
      Map.of(
          "CursorCloseOrphans", "SnapshotCut",
          "SnapshotDelete", "SnapshotCut",
          "CatalogEnd", "SnapshotCut");

  private static final Map<String, String> SHARDED_BACKUP_CLEAN_UP =
      Map.of("BalancerRestore", "CursorFixPoint");

  private static final Map<String, String> RESTORE_CLEAN_UP =
      Map.of("NodeUndo", "NodeRecover", "NodeDropStage", "NodeStage");

  /** What neither a backup nor a restore in place runs on directories. */
  private static final Map<String, String> LEFT_OUT =
      Map.ofEntries(
          Map.entry("CatalogRead", "reads; describe, delete"),
          Map.entry("CatalogList", "reads; list"),
          Map.entry("CatalogFiles", "reads; files"),
          Map.entry("CatalogEntries", "reads; prune"),
          Map.entry("CatalogBeginDelete", "delete, prune"),
          Map.entry("CatalogDelete", "delete, prune"),
          Map.entry("SnapshotDiscard", "delete, prune"),
          Map.entry("CheckExamine", "reads; check"),
          Map.entry("CheckRequireConfigured", "reads; before schedule create"),
          Map.entry("ClusterConfiguration", "restore elsewhere: fault table in memory"),
          Map.entry("ClusterRenameShards", "restore elsewhere: fault table in memory"),
          Map.entry("CursorProveCopied", "after a slow CursorFinish: fault table in memory"),
          Map.entry("RetentionBegin", "never fails a backup: its own test"),
          Map.entry("InventoryInscribe", "clouds: fault tables of EBS and GCE"),
          Map.entry("InventoryRequireRestorable", "clouds: fault tables of EBS and GCE"),
          Map.entry("InventoryRebuild", "rebuild-catalog"),
          Map.entry("InventoryOrphans", "prune-orphans"),
          Map.entry("InventoryRemoveOrphans", "prune-orphans"),
          Map.entry("SnapshotCopyElsewhere", "clouds: fault tables of EBS and GCE"),
          Map.entry("NodeDisks", "clouds: fault tables of EBS and GCE"),
          Map.entry("NodePlan", "clouds: fault tables of EBS and GCE"),
          Map.entry("NodePrepareStage", "copies that a person makes: fault table in memory"),
          Map.entry("NotificationSend", "never fails an operation: its own test"),
          Map.entry("NodeUnfinished", "recover"),
          Map.entry("RecoveryCursors", "recover"),
          Map.entry("RecoveryGiveBalancerBack", "recover"),
          Map.entry("RecoveryIsRunning", "recover"),
          Map.entry("RecoveryKept", "recover"),
          Map.entry("RecoveryLost", "reads; recover"),
          Map.entry("RecoveryUnfinished", "reads; status"),
          Map.entry("RecoveryAfterReset", "reads; after a reset: ResetTest in memory"),
          Map.entry("RecoveryFreeStaleLock", "recover"),
          Map.entry("SnapshotBackups", "recover"),
          Map.entry("SnapshotSweep", "recover"));

  private CampaignActivities() {}

  static List<String> of(boolean restore, boolean sharded) {
    List<String> all = new ArrayList<>(restore ? RESTORE : BACKUP);
    if (sharded) {
      all.addAll(restore ? SHARDED_RESTORE : SHARDED_BACKUP);
    } else if (!restore) {
      all.addAll(SET_BACKUP);
    }
    return all;
  }

  /** What cleans up, and the activity whose failure calls for it. */
  static Map<String, String> cleanUp(boolean restore, boolean sharded) {
    Map<String, String> all = new java.util.TreeMap<>(restore ? RESTORE_CLEAN_UP : BACKUP_CLEAN_UP);
    if (sharded && !restore) {
      all.putAll(SHARDED_BACKUP_CLEAN_UP);
    }
    return all;
  }

  static Map<String, String> leftOut() {
    return LEFT_OUT;
  }
}
