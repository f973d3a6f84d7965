package io.stillpoint.sandbox.faults;

import io.stillpoint.sandbox.faults.InjectedFault.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One run of the campaign.
 *
 * @param name as {@code -Dstillpoint.faults=} takes it
 * @param restore of a backup that was made before, or a backup
 * @param expected what may come of it
 */
record FaultCase(String name, boolean restore, Strike strike, Outcome expected) {

  /** What may come of the operation. The invariants and the data are checked in any case. */
  enum Outcome {
    COMPLETES,
    FAILS,
    EITHER
  }

  /** Lets a fault happen to the operation that was just started. */
  @FunctionalInterface
  interface Strike {
    void on(FaultWorld world, Running operation) throws Exception;
  }

  /** The operation that is struck. */
  interface Running {
    String workflowId();

    String phase();

    void awaitPhase(String phase);

    void abort();
  }

  private static final List<String> BACKUP =
      List.of(
          "TopologyRead",
          "RecoveryLook",
          "SnapshotResolve",
          "CatalogBegin",
          "CursorOpen",
          "CursorFixPoint",
          "CursorExtend",
          "CursorDescribe",
          "CursorKeepAlive",
          "SnapshotCut",
          "CursorProve",
          "CursorClose",
          "CatalogComplete");

  private static final List<String> RESTORE =
      List.of(
          "CatalogRead",
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

  /** After these the restored data counts; a fault cannot make the restore fail any more. */
  private static final List<String> NEVER_FAIL = List.of("CursorKeepAlive", "NodeRelease");

  /** Everything that is tried. */
  static List<FaultCase> all() {
    List<FaultCase> all = new ArrayList<>();
    for (boolean restore : new boolean[] {false, true}) {
      for (String activity : restore ? RESTORE : BACKUP) {
        for (Kind kind : Kind.values()) {
          all.add(injected(restore, activity, kind));
        }
      }
    }
    all.addAll(PhaseFaults.all());
    return all;
  }

  private static FaultCase injected(boolean restore, String activity, Kind kind) {
    boolean fails = kind == Kind.PERMANENT || kind == Kind.DISK_FULL;
    Outcome expected =
        NEVER_FAIL.contains(activity) ? Outcome.EITHER : fails ? Outcome.FAILS : Outcome.COMPLETES;
    return new FaultCase(
        "%s/%s/%s"
            .formatted(
                restore ? "restore" : "backup",
                activity,
                kind.name().toLowerCase(Locale.ROOT).replace('_', '-')),
        restore,
        new Laid(new InjectedFault(activity, kind)),
        expected);
  }

  /** A fault that is laid before the operation starts. */
  record Laid(InjectedFault fault) implements Strike {
    @Override
    public void on(FaultWorld world, Running operation) {
      // It was laid before the start and strikes by itself.
    }
  }
}
