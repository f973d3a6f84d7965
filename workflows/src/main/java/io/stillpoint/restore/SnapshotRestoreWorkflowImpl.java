package io.stillpoint.restore;

import io.stillpoint.activity.NodeActivities.NodeReport;
import io.stillpoint.activity.RecoveryActivities.Leftovers;
import io.stillpoint.backup.Agents;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.Failures;
import io.stillpoint.error.StillpointException;
import io.stillpoint.lock.ClusterLock;
import io.stillpoint.model.ClusterTime;
import io.stillpoint.model.ClusterTopology;
import io.stillpoint.model.Manifest;
import io.stillpoint.model.OperationStatus;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.plan.RestorePlan;
import io.stillpoint.plan.RestorePlan.SetRestore;
import io.stillpoint.plan.RestorePlanner;
import io.stillpoint.policy.Inputs;
import io.stillpoint.policy.Names;
import io.stillpoint.policy.Parallel;
import io.stillpoint.policy.SearchAttributes;
import io.stillpoint.policy.ShortHistory;
import io.stillpoint.policy.WorkflowIds;
import io.stillpoint.recover.Mending;
import io.temporal.failure.TemporalFailure;
import io.temporal.workflow.CancellationScope;
import io.temporal.workflow.Workflow;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The steps of a restore, in order. What it does to the members is in {@link RestoreExecution}. */
public final class SnapshotRestoreWorkflowImpl implements SnapshotRestoreWorkflow {

  private static final String EXAMPLE = "{\"backup\":\"NAME\",\"confirm\":\"CLUSTER\"}";
  private static final String PLAN_VOLUMES = "plan-volumes";
  private static final String PLAN_COPIES = "plan-copies";
  private static final Duration CONFIRMATION_DEADLINE = Duration.ofHours(1);
  private static final Duration COPY_DEADLINE = Duration.ofDays(3);

  private final boolean searchAttributesRegistered;
  private RestoreState state;
  private ManualCopies copies;
  private CancellationScope main;
  private boolean confirmed;
  private String abortReason = "";
  private int earlySignals;

  /**
   * @param searchAttributesRegistered whether the namespace knows our search attributes
   */
  public SnapshotRestoreWorkflowImpl(boolean searchAttributesRegistered) {
    this.searchAttributesRegistered = searchAttributesRegistered;
  }

  @Override
  public RestoreResult run(Object typed) {
    RestoreRequest request =
        Inputs.read(typed, RestoreRequest.class, "the restore's input", EXAMPLE);
    begin(request);
    RestoreResult[] result = new RestoreResult[1];
    try {
      main = Workflow.newCancellationScope(() -> result[0] = operate(request));
      main.run();
      return result[0];
    } catch (TemporalFailure e) {
      throw Failures.codeOf(e) == ErrorCode.OPERATION_RESET
          ? AfterReset.end(state, request, e)
          : ended(e);
    }
  }

  private void begin(RestoreRequest request) {
    String backup = request == null ? null : request.backup();
    Inputs.require("backup", backup, "the restore's input", EXAMPLE);
    Inputs.refuseUnknown(
        request.unknown(),
        "the restore's input",
        "backup, cluster, restore, confirm, dryRun, manualCopy, keepOld, map");
    requireNames(request);
    String restore =
        request
            .restore()
            .orElseGet(
                () ->
                    WorkflowIds.restoreName(
                        request.backup(), Instant.ofEpochMilli(Workflow.currentTimeMillis())));
    state = new RestoreState(restore, request.backup(), ShortHistory.begins());
    copies = new ManualCopies(state);
    if (earlySignals > 0) {
      state.note("signals that came before the restore had begun were ignored: " + earlySignals);
    }
  }

  private static void requireNames(RestoreRequest request) {
    try {
      Names.require("backup", request.backup());
      request.restore().ifPresent(r -> Names.require("restore", r));
      request.cluster().ifPresent(c -> Names.require("cluster", c));
    } catch (StillpointException e) {
      throw Failures.of(e);
    }
  }

  private RestoreResult operate(RestoreRequest request) {
    // Step 1: read the manifest; it says which cluster is meant.
    Manifest manifest =
        RestoreStubs.catalog("read the manifest and its file lists")
            .readForUse(request.backup(), owner(), true);
    String cluster = request.cluster().orElse(manifest.cluster());
    state.onCluster(cluster, searchAttributes(cluster));
    state.point = manifest.consistentPoint();
    ClusterLock lock = ClusterLock.acquire(cluster);
    try {
      return restore(request, manifest);
    } finally {
      lock.release();
    }
  }

  private SearchAttributes searchAttributes(String cluster) {
    return state.history.includes(ShortHistory.RECORDS)
        ? SearchAttributes.sparing(
            Workflow.sideEffect(Boolean.class, () -> searchAttributesRegistered),
            cluster,
            state.backup)
        : SearchAttributes.begin(searchAttributesRegistered, cluster, state.backup);
  }

  private static String owner() {
    return Workflow.getInfo().getWorkflowId() + " " + Workflow.getInfo().getRunId();
  }

  private RestoreResult restore(RestoreRequest request, Manifest manifest) {
    // Step 2: hold the manifest against the target. Destroys nothing.
    state.enter(RestorePhase.PLANNING);
    boolean manualCopy = request.manualCopy().orElse(manifest.type() == SnapshotType.MANUAL);
    state.manualCopy = manualCopy;
    Leftovers left = RestoreStubs.recovery("read what was recorded").look(state.cluster);
    Mending.requireNoDeadRestore(state.cluster, left);
    ClusterTopology target =
        RestoreStubs.topology("read the topology", state.cluster, state.history);
    if (!left.isEmpty() && !request.dryRun()) {
      Mending.beforeOperation(state.cluster, left, target).forEach(state::note);
    }
    RestorePlan plan = plan(manifest, target, request);
    inspect(plan, !manualCopy);
    List<String> volumes = List.of();
    if (manifest.type().inCloud() && !manualCopy) {
      RestoreStubs.inventory("look for the backup's snapshots").requireRestorable(state.backup);
      volumes = planSnapshots(PLAN_VOLUMES);
    } else if (!manualCopy && (request.dryRun() || request.confirm().isEmpty())) {
      // Somebody decides by this plan. Where nobody does, staging finds out the same soon enough.
      volumes = planSnapshots(PLAN_COPIES);
    }
    List<String> routers = managedRouters(target);
    state.plan = lines(manifest, plan);
    state.plan.addAll(volumes);
    if (manualCopy) {
      state.plan.add(
          "waits, before anything is stopped, until the files are put into the stage directories and"
              + " restore-finish says so");
    }
    if (request.dryRun()) {
      state.end(OperationStatus.COMPLETED, "");
      return result(Optional.empty(), 0);
    }
    // Step 3: a person confirms by typing the cluster's name.
    awaitConfirmation(request);
    RestoreExecution execution = new RestoreExecution(state, manifest, plan, routers);
    long downMillis;
    try {
      execution.recordMark();
      // Step 4: the new data beside the live data, checked.
      stage(execution, manualCopy);
      // Step 5: stop, swap, recover, start, settle, verify.
      downMillis = execution.run();
    } catch (TemporalFailure e) {
      // A second run takes nothing back: what the first one did is for recover, which has the lock.
      if (Failures.codeOf(e) != ErrorCode.OPERATION_RESET) {
        undo(execution, e);
      }
      throw e;
    }
    // Step 6: only now is the old data let go.
    Parallel.detached(() -> release(execution, request));
    state.end(OperationStatus.COMPLETED, "");
    return result(manifest.consistentPoint(), downMillis);
  }

  private RestorePlan plan(Manifest manifest, ClusterTopology target, RestoreRequest request) {
    try {
      RestorePlan plan =
          RestorePlanner.plan(manifest, target, request.map(), request.cluster().isPresent());
      plan.warnings().forEach(state::note);
      state.foreign = plan.foreign();
      state.members = plan.members().stream().map(MemberProgress::new).toList();
      return plan;
    } catch (StillpointException e) {
      throw Failures.of(e);
    }
  }

  private void inspect(RestorePlan plan, boolean copies) {
    Map<String, NodeReport> reports = new LinkedHashMap<>();
    Parallel.forEach(
        state.members,
        m -> {
          try {
            reports.put(m.member(), RestoreStubs.inspecting(m.member()).inspect(m.member()));
          } catch (TemporalFailure e) {
            throw Agents.unreachable(e, m.member());
          }
        });
    try {
      RestorePlanner.check(plan, reports, state.restore, copies);
    } catch (StillpointException e) {
      throw Failures.of(e);
    }
    for (MemberProgress m : state.members) {
      reports.get(m.member()).warnings().forEach(w -> state.note(m.member() + ": " + w));
      reports.get(m.member()).differences().forEach(d -> state.note(m.member() + ": " + d));
    }
  }

  /** Every agent looks whether it has the snapshots, and may do what it will have to. */
  private List<String> planSnapshots(String change) {
    if (Workflow.getVersion(change, Workflow.DEFAULT_VERSION, 1) == Workflow.DEFAULT_VERSION) {
      return List.of();
    }
    Map<String, List<String>> lines = new LinkedHashMap<>();
    state.members.forEach(m -> lines.put(m.member(), List.of()));
    Parallel.forEach(
        state.members,
        m ->
            lines.put(
                m.member(),
                RestoreStubs.inspecting(m.member())
                    .plan(RestoreExecution.stageRequest(state, m, false))));
    return lines.values().stream().flatMap(List::stream).toList();
  }

  /** A mongos without an agent is the person's to restart; that is said, not refused. */
  private List<String> managedRouters(ClusterTopology target) {
    List<String> managed = new ArrayList<>();
    Parallel.forEach(
        target.routers(),
        r -> {
          try {
            RestoreStubs.inspecting(r).inspect(r);
            managed.add(r);
          } catch (TemporalFailure e) {
            if (!Failures.isTimeout(e)) {
              throw e;
            }
            state.note(
                "no node agent answered for the mongos %s: restart it after the restore"
                    .formatted(r));
          }
        });
    return managed;
  }

  private List<String> lines(Manifest manifest, RestorePlan plan) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "restore backup %s (%s, consistent point %s)%s onto cluster %s"
            .formatted(
                manifest.backup(),
                manifest.type().word(),
                manifest.consistentPoint().orElseThrow(),
                plan.foreign() ? " of another cluster, " + manifest.cluster() + "," : "",
                state.cluster));
    plan.sets().stream().map(SetRestore::line).forEach(lines::add);
    plan.warnings().forEach(w -> lines.add("note: " + w));
    return lines;
  }

  private void awaitConfirmation(RestoreRequest request) {
    if (request.confirm().isPresent()) {
      requireClusterName(request.confirm().get());
      return;
    }
    state.enter(RestorePhase.AWAITING_CONFIRMATION);
    if (!Workflow.await(CONFIRMATION_DEADLINE, () -> confirmed)) {
      throw Failures.of(
          ErrorCode.RESTORE_NOT_CONFIRMED,
          "nobody confirmed within %s that the data of cluster '%s' shall be replaced"
              .formatted(CONFIRMATION_DEADLINE, state.cluster),
          "start it again and type the cluster's name, or use --yes");
    }
  }

  private void requireClusterName(String typed) {
    if (!typed.equals(state.cluster)) {
      throw Failures.of(
          ErrorCode.RESTORE_NOT_CONFIRMED,
          "'%s' was typed, but the data of cluster '%s' would be replaced"
              .formatted(typed, state.cluster),
          "type the target cluster's exact name");
    }
  }

  private void stage(RestoreExecution execution, boolean manualCopy) {
    state.enter(RestorePhase.STAGING);
    if (!manualCopy) {
      execution.stage();
      return;
    }
    execution.prepareStages();
    do {
      awaitCopies();
      state.enter(RestorePhase.STAGING);
    } while (!execution.acceptCopies());
  }

  private void awaitCopies() {
    state.enter(RestorePhase.AWAITING_COPY);
    if (!Workflow.await(
        COPY_DEADLINE, () -> state.members.stream().allMatch(m -> m.copyFinished))) {
      throw Failures.of(
          ErrorCode.COPY_TIMEOUT,
          "the files were not reported to be in place within " + COPY_DEADLINE,
          "start the restore again");
    }
  }

  private void undo(RestoreExecution execution, TemporalFailure why) {
    String fact = Failures.factOf(why);
    state.note(fact.isBlank() ? "undoing" : "undoing: " + fact);
    Parallel.detached(execution::undo);
  }

  private void release(RestoreExecution execution, RestoreRequest request) {
    Optional<Duration> keep = request.keepOld().filter(d -> !d.isZero());
    if (keep.isEmpty()) {
      execution.release();
      return;
    }
    OldData.releaseLater(
        state.restore, state.members.stream().map(MemberProgress::member).toList(), keep.get());
    state.note("the replaced data is kept for " + keep.get());
  }

  private TemporalFailure ended(TemporalFailure e) {
    boolean cancelled = Failures.codeOf(e) == ErrorCode.CANCELLED;
    state.end(
        cancelled ? OperationStatus.CANCELLED : OperationStatus.FAILED,
        abortReason.isEmpty() ? Failures.reasonOf(e) : "aborted: " + abortReason);
    if (cancelled && !abortReason.isEmpty()) {
      return Failures.of(
          ErrorCode.CANCELLED,
          "restore '%s' was aborted: %s".formatted(state.restore, abortReason),
          "");
    }
    return e;
  }

  private RestoreResult result(Optional<ClusterTime> point, long downMillis) {
    return new RestoreResult(state.restore, state.backup, point, state.plan, downMillis);
  }

  @Override
  public String confirm(Object cluster) {
    confirmed = true;
    return "restore '%s' goes on".formatted(state.restore);
  }

  @Override
  public void validateConfirm(Object cluster) {
    requirePhase(RestorePhase.AWAITING_CONFIRMATION);
    requireClusterName(Inputs.text(cluster, "cluster", "the cluster's name"));
  }

  @Override
  public void copyFinished(Object message) {
    if (copies == null) {
      earlySignals++;
    } else {
      copies.signalled(message);
    }
  }

  @Override
  public String finishCopy(Object member) {
    return copies.accept(Inputs.text(member, "member", "the member"));
  }

  @Override
  public void validateFinishCopy(Object member) {
    requirePhase(RestorePhase.AWAITING_COPY);
    copies.validate(Inputs.text(member, "member", "the member"));
  }

  @Override
  public String abort(Object typed) {
    String reason = Inputs.text(typed, "reason", "the reason");
    abortReason = reason.isBlank() ? "no reason given" : reason;
    state.note("giving up: " + abortReason);
    main.cancel(abortReason);
    return "restore '%s' is being given up; the cluster keeps, or gets back, its old data"
        .formatted(state.restore);
  }

  @Override
  public void validateAbort(Object reason) {
    Inputs.text(reason, "reason", "the reason");
    boolean tooLate =
        state != null
            && (state.phase() == RestorePhase.RELEASING || state.phase() == RestorePhase.ENDED);
    if (main == null || !abortReason.isEmpty() || tooLate) {
      throw Failures.of(
          ErrorCode.NOT_WAITING,
          main == null
              ? "the restore has not begun yet"
              : "restore '%s' %s, so it cannot be given up"
                  .formatted(
                      state.restore,
                      abortReason.isEmpty()
                          ? "is in phase %s, with the restored data verified"
                              .formatted(state.phase())
                          : "is being given up already (%s)".formatted(abortReason)),
          "look at it with: stillpoint describe-restore " + (state == null ? "" : state.restore));
    }
  }

  private void requirePhase(RestorePhase phase) {
    if (state == null || state.phase() != phase) {
      throw Failures.of(
          ErrorCode.NOT_WAITING,
          state == null
              ? "the restore has not begun yet"
              : "restore '%s' is in phase %s, not in %s"
                  .formatted(state.restore, state.phase(), phase),
          "look at it with: stillpoint describe-restore " + (state == null ? "" : state.restore));
    }
  }

  @Override
  public RestoreDescription describe() {
    if (state == null) {
      throw new IllegalStateException("the restore has not begun yet");
    }
    return state.describe();
  }
}
