package io.stillpoint.restore;

import io.stillpoint.activity.ClusterActivities.EndPoint;
import io.stillpoint.activity.ClusterActivities.RenameRequest;
import io.stillpoint.activity.ClusterActivities.StepUpRequest;
import io.stillpoint.activity.NodeActivities.MemberRequest;
import io.stillpoint.activity.NodeActivities.RecoverReport;
import io.stillpoint.activity.NodeActivities.RecoverRequest;
import io.stillpoint.activity.NodeActivities.StageReport;
import io.stillpoint.activity.NodeActivities.StageRequest;
import io.stillpoint.activity.RecoveryActivities.MarkedSet;
import io.stillpoint.activity.RecoveryActivities.RestoreMark;
import io.stillpoint.backup.Agents;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.Failures;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.Manifest;
import io.stillpoint.model.ManifestSet;
import io.stillpoint.plan.RestorePlan;
import io.stillpoint.plan.RestorePlan.SetRestore;
import io.stillpoint.plan.RestorePlanner;
import io.stillpoint.policy.Parallel;
import io.stillpoint.restore.RestoreDescription.MemberDescription;
import io.temporal.failure.ActivityFailure;
import io.temporal.failure.TemporalFailure;
import io.temporal.workflow.Workflow;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** What a confirmed restore does to the members, and how it takes it back. */
final class RestoreExecution {

  /** What a person can put right by copying again. */
  private static final Set<ErrorCode> MENDABLE =
      EnumSet.of(
          ErrorCode.SNAPSHOT_INCOMPLETE, ErrorCode.SNAPSHOT_DAMAGED, ErrorCode.SNAPSHOT_FOREIGN);

  private static final String SAME_MEMBERS = "same-members";

  private final RestoreState state;
  private final Manifest manifest;
  private final RestorePlan plan;
  private final List<String> routers;
  private final Map<String, String> configurations = new LinkedHashMap<>();
  private boolean stopped;
  private boolean started;
  private long stoppedAtMillis;
  private boolean verified;

  /**
   * @param routers mongos that an agent can stop and start
   */
  RestoreExecution(RestoreState state, Manifest manifest, RestorePlan plan, List<String> routers) {
    this.state = state;
    this.manifest = manifest;
    this.plan = plan;
    this.routers = routers;
  }

  /** Everything up to a verified cluster; returns for how long it was down, in milliseconds. */
  long run() {
    requireSameMembers();
    readConfigurations();
    stopAll();
    state.enter(RestorePhase.SWAPPING);
    forEachMember("swapped", m -> RestoreStubs.host("swap the data of", m.member()).swap(of(m)));
    state.enter(RestorePhase.RECOVERING);
    forEachMember("recovered", this::recover);
    startAll();
    state.enter(RestorePhase.SETTLING);
    List<StepUpRequest> sets = plan.sets().stream().map(this::stepUpRequest).toList();
    Parallel.forEach(sets, s -> RestoreStubs.clusterWait("bring up " + s.set()).stepUp(s));
    RestoreStubs.clusterWait("wait until nothing is in doubt").settle(state.cluster, sets);
    long downMillis = Workflow.currentTimeMillis() - stoppedAtMillis;
    verify();
    return downMillis;
  }

  boolean isVerified() {
    return verified;
  }

  /** Copies the backup beside the live data. */
  void stage() {
    forEachMember("staged", m -> stage(m, false));
  }

  /**
   * Checks what a person put there. What cannot be used stays where it is: a day's copying must not
   * be lost to one missing file.
   *
   * @return whether every member's files can be used; the others wait for their copy again
   */
  boolean acceptCopies() {
    Parallel.forEach(
        state.members,
        m -> {
          try {
            stage(m, true);
            m.state = "staged";
          } catch (TemporalFailure e) {
            if (!MENDABLE.contains(Failures.codeOf(e))) {
              throw e;
            }
            m.copyFinished = false;
            m.state = MemberDescription.REFUSED + Failures.factOf(e);
            state.note(m.member() + ": " + Failures.factOf(e));
          }
          state.publish();
        });
    return state.members.stream().allMatch(m -> m.copyFinished);
  }

  private void stage(MemberProgress m, boolean manualCopy) {
    StageReport report = RestoreStubs.staging(m.member()).stage(stageRequest(m, manualCopy));
    m.stagePath = report.path();
    m.copyFinished = true;
  }

  /** Makes the empty directories that a person fills. */
  void prepareStages() {
    Parallel.forEach(
        state.members,
        m -> {
          m.stagePath = RestoreStubs.staging(m.member()).prepareStage(stageRequest(m, true));
          m.state = "waiting for the copy";
        });
  }

  /** Documents that name hosts are rewritten from the target's own configuration, kept whole. */
  /**
   * Staging takes hours. A member that was added meanwhile would live on with the old data, in the
   * set that is restored.
   */
  private void requireSameMembers() {
    if (Workflow.getVersion(SAME_MEMBERS, Workflow.DEFAULT_VERSION, 1)
        == Workflow.DEFAULT_VERSION) {
      return;
    }
    try {
      RestorePlanner.requireUnchanged(
          plan,
          RestoreStubs.topology(
              "look whether the members are the same", state.cluster, state.history));
    } catch (StillpointException e) {
      throw Failures.of(e);
    } catch (ActivityFailure e) {
      if (Failures.codeOf(e) != ErrorCode.MONGO_UNREACHABLE) {
        throw e;
      }
      // That a cluster went down is no reason not to restore it.
      state.note("could not look whether members were added: " + Failures.factOf(e));
    }
  }

  private void readConfigurations() {
    if (!plan.elsewhere()) {
      return;
    }
    Parallel.forEach(
        plan.sets(),
        s ->
            configurations.put(
                s.set(),
                RestoreStubs.cluster("read the configuration of " + s.set())
                    .configuration(state.cluster, s.set())));
  }

  private void stopAll() {
    state.enter(RestorePhase.STOPPING);
    stopped = true;
    stoppedAtMillis = Workflow.currentTimeMillis();
    Parallel.forEach(
        routers,
        r -> RestoreStubs.host("stop the mongos", r).stop(new MemberRequest(state.restore, r)));
    // Shards first: they must not lose their config server while they still run.
    forEachMember(shards(), "stopped", this::stop);
    forEachMember(configServers(), "stopped", this::stop);
  }

  private void stop(MemberProgress m) {
    RestoreStubs.host("stop", m.member()).stop(of(m));
  }

  private void recover(MemberProgress m) {
    SetRestore set = m.plan.set();
    ManifestSet source = set.source();
    boolean rewrite = plan.elsewhere() && manifest.sharded();
    RecoverReport report =
        RestoreStubs.host("recover", m.member())
            .recover(
                new RecoverRequest(
                    state.restore,
                    m.member(),
                    source.checkpoint(),
                    manifest.consistentPoint().orElseThrow(),
                    source.lastEntry(),
                    source.entries(),
                    configurations.getOrDefault(set.set(), ""),
                    rewrite ? plan.configServer() : "",
                    rewrite && set.role().isShard() ? set.shardId() : "",
                    rewrite && set.role().isConfigServer() ? plan.shardHosts() : Map.of(),
                    plan.shardIds(),
                    set.newestTerm()));
    m.state = "recovered to " + report.lastEntry();
  }

  private void startAll() {
    state.enter(RestorePhase.STARTING);
    started = true;
    if (plan.shardIds().isEmpty()) {
      // All together: a shard does not listen before it reaches its config server.
      forEachMember("started", this::start);
      return;
    }
    // A shard that reads an old id aborts, or takes its chunks for another shard's.
    forEachMember(configServers(), "started", this::start);
    StepUpRequest config = stepUpRequest(configServer());
    RestoreStubs.clusterWait("bring up " + config.set()).stepUp(config);
    RestoreStubs.clusterWait("write the other shard ids into the config server")
        .renameShards(new RenameRequest(config, plan.shardIds()));
    forEachMember(shards(), "started", this::start);
  }

  private void start(MemberProgress m) {
    RestoreStubs.host("start", m.member()).start(of(m));
  }

  private SetRestore configServer() {
    return plan.sets().stream()
        .filter(s -> s.role().isConfigServer())
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("a sharded plan has a config server"));
  }

  private void verify() {
    state.enter(RestorePhase.VERIFYING);
    forEachMember(
        "verified",
        m -> {
          ManifestSet source = m.plan.set().source();
          RestoreStubs.host("read the start of", m.member())
              .proveStart(of(m), manifest.consistentPoint().orElseThrow());
          RestoreStubs.compareEndPoint(
              new EndPoint(
                  state.cluster,
                  m.member(),
                  source.checkpoint(),
                  manifest.consistentPoint().orElseThrow(),
                  source.lastEntry(),
                  source.entries()),
              state.history);
        });
    if (manifest.sharded()) {
      RestoreStubs.cluster("give the balancer its saved state")
          .giveBalancer(stepUpRequest(configServer()), manifest.balancer());
    }
    Parallel.forEach(
        routers,
        r -> RestoreStubs.host("start the mongos", r).start(new MemberRequest(state.restore, r)));
    // From here on the old data is never put back; before, it always is, whoever comes.
    unmark();
    verified = true;
  }

  /** Deletes the replaced data; what cannot be deleted is noted, the restore stays good. */
  void release() {
    state.enter(RestorePhase.RELEASING);
    for (MemberProgress m : state.members) {
      m.state = "restored";
    }
    Parallel.forEach(
        state.members,
        m ->
            attempt(
                "delete the old data of " + m.member(),
                () -> RestoreStubs.dropping(m.member()).release(of(m))));
  }

  /**
   * Puts everything back as it was. Runs in a detached scope.
   *
   * @throws io.temporal.failure.ApplicationFailure UNDO_FAILED if a member could not be put back
   */
  void undo() {
    state.enter(RestorePhase.UNDOING);
    if (!stopped) {
      Parallel.forEach(
          state.members,
          m ->
              attempt(
                  "drop the staged data of " + m.member(),
                  () -> RestoreStubs.dropping(m.member()).dropStage(of(m))));
      unmark();
      return;
    }
    List<String> reasons = new ArrayList<>();
    PutBack back =
        new PutBack(
            state.cluster,
            mark(),
            reason -> {
              reasons.add(reason);
              state.note(reason);
            },
            (member, now) -> state.member(member).ifPresent(m -> m.state = now));
    List<String> failed = back.run();
    if (!failed.isEmpty()) {
      throw undoFailed(failed, reasons);
    }
    if (started) {
      // The old data's elections are older than the restored set's, and drivers compare them.
      state.note(
          "restart applications that were connected while the restored servers ran, if they find no"
              + " primary");
    }
    unmark();
  }

  /** Before anything is touched, where it is found should this workflow be killed. */
  void recordMark() {
    RestoreStubs.recovery("record what will be touched").mark(state.cluster, mark());
  }

  private void unmark() {
    RestoreStubs.recovery("record that nothing is half done")
        .unmark(state.cluster, Workflow.getInfo().getWorkflowId());
  }

  private RestoreMark mark() {
    return new RestoreMark(
        Workflow.getInfo().getWorkflowId(),
        state.restore,
        state.backup,
        plan.sets().stream()
            .map(s -> new MarkedSet(s.set(), s.role(), s.preferred(), s.members()))
            .toList(),
        routers);
  }

  private TemporalFailure undoFailed(List<String> members, List<String> reasons) {
    return Failures.of(
        ErrorCode.UNDO_FAILED,
        "the old data of %s could not be put back or started: %s"
            .formatted(String.join(", ", members), String.join("; ", reasons)),
        "none of it is lost: what was moved aside is in <dbPath>/.stillpoint/%s/old, all else still in <dbPath>; mend what the message says, start the node agents, then: stillpoint recover --cluster %s"
            .formatted(state.restore, state.cluster));
  }

  private boolean attempt(String what, Runnable action) {
    try {
      action.run();
      return true;
    } catch (TemporalFailure e) {
      state.note("could not %s: %s".formatted(what, Failures.messageOf(e)));
      return false;
    }
  }

  private void forEachMember(String done, Consumer<MemberProgress> action) {
    forEachMember(state.members, done, action);
  }

  private void forEachMember(
      List<MemberProgress> members, String done, Consumer<MemberProgress> action) {
    Parallel.forEach(
        members,
        m -> {
          m.state = "to be " + done;
          try {
            action.accept(m);
          } catch (TemporalFailure e) {
            throw Agents.gone(e, state.cluster, m.member());
          }
          m.state = done;
          state.publish();
        });
  }

  private List<MemberProgress> shards() {
    return state.members.stream().filter(m -> !m.plan.set().role().isConfigServer()).toList();
  }

  private List<MemberProgress> configServers() {
    return state.members.stream().filter(m -> m.plan.set().role().isConfigServer()).toList();
  }

  private StepUpRequest stepUpRequest(SetRestore s) {
    return new StepUpRequest(state.cluster, s.set(), s.members(), s.preferred());
  }

  private StageRequest stageRequest(MemberProgress m, boolean manualCopy) {
    return stageRequest(state, m, manualCopy);
  }

  static StageRequest stageRequest(RestoreState state, MemberProgress m, boolean manualCopy) {
    ManifestSet source = m.plan.set().source();
    return new StageRequest(
        state.restore,
        state.backup,
        m.member(),
        source.set(),
        source.files(),
        manualCopy ? List.of() : source.snapshots());
  }

  private MemberRequest of(MemberProgress m) {
    return new MemberRequest(state.restore, m.member());
  }
}
