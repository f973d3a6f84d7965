package io.stillpoint.check;

import io.stillpoint.activity.CheckActivities;
import io.stillpoint.activity.CheckActivities.Examination;
import io.stillpoint.activity.NodeActivities;
import io.stillpoint.activity.NodeActivities.NodeReport;
import io.stillpoint.activity.SnapshotActivities;
import io.stillpoint.activity.SnapshotActivities.VolumePlan;
import io.stillpoint.activity.SnapshotActivities.VolumeRequest;
import io.stillpoint.backup.Agents;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.Failures;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.ClusterTopology;
import io.stillpoint.model.MemberState;
import io.stillpoint.model.SeenCatalog;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.plan.BackupPlan;
import io.stillpoint.plan.BackupPlan.SetPlan;
import io.stillpoint.plan.BackupPlanner;
import io.stillpoint.policy.ActivityPolicies;
import io.stillpoint.policy.Inputs;
import io.temporal.activity.ActivityOptions;
import io.temporal.failure.TemporalFailure;
import io.temporal.workflow.Async;
import io.temporal.workflow.Promise;
import io.temporal.workflow.Workflow;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Asks a control worker first, then every agent at once. */
public final class CheckWorkflowImpl implements CheckWorkflow {

  private static final String EXAMPLE = "{\"cluster\":\"NAME\"}";

  /** Not a real backup's; a provider only derives names from it. */
  private static final String NO_BACKUP = "check";

  @Override
  public CheckReport check(Object typed) {
    CheckRequest request = Inputs.read(typed, CheckRequest.class, "the input", EXAMPLE);
    if (request == null || request.cluster() == null || request.cluster().isEmpty()) {
      throw Failures.of(ErrorCode.BAD_INPUT, "no cluster is named", "give " + EXAMPLE);
    }
    SnapshotType type = request.type() == null ? SnapshotType.DIRECTORY : request.type();
    Examination seen =
        Workflow.newActivityStub(
                CheckActivities.class, ActivityPolicies.quick("look at every server"))
            .examine(request.cluster());
    List<CheckItem> items = new ArrayList<>(seen.items());
    seen.topology().ifPresent(topology -> items.addAll(beyond(topology, type, seen.catalog())));
    return CheckReport.of(request.cluster(), items);
  }

  /** What follows from the topology: the plan, and what each host says. */
  private static List<CheckItem> beyond(
      ClusterTopology topology, SnapshotType type, Optional<SeenCatalog> catalog) {
    List<CheckItem> items = new ArrayList<>();
    List<Promise<CheckItem>> asked = new ArrayList<>();
    plan(topology, items)
        .filter(plan -> type.automatic())
        .ifPresent(
            plan ->
                plan.sets()
                    .forEach(set -> asked.add(Async.function(() -> volumes(topology, set, type)))));
    members(topology).forEach(m -> asked.add(Async.function(() -> agent(m, catalog))));
    topology.routers().forEach(r -> asked.add(Async.function(() -> routerAgent(r))));
    asked.forEach(item -> items.add(item.get()));
    return items;
  }

  private static Stream<MemberState> members(ClusterTopology topology) {
    return topology.replicaSets().stream().flatMap(s -> s.dataMembers().stream());
  }

  private static Optional<BackupPlan> plan(ClusterTopology topology, List<CheckItem> items) {
    try {
      BackupPlan plan = BackupPlanner.plan(topology, Map.of());
      List<String> chosen =
          plan.sets().stream().map(s -> "%s %s".formatted(s.set(), s.member())).toList();
      items.add(
          CheckItem.ok(
              "plan", topology.cluster(), "a backup would copy " + String.join(", ", chosen)));
      return Optional.of(plan);
    } catch (StillpointException e) {
      items.add(CheckItem.notOk("plan", topology.cluster(), e));
      return Optional.empty();
    }
  }

  private static CheckItem volumes(ClusterTopology topology, SetPlan set, SnapshotType type) {
    String summary = "find the volumes of " + set.member();
    ActivityOptions options =
        type.cutByAgent()
            ? ActivityPolicies.inspect(summary, set.member())
            : ActivityPolicies.command(summary);
    return answered(
        "snapshots",
        set.member(),
        () -> {
          VolumePlan found =
              Workflow.newActivityStub(SnapshotActivities.class, options)
                  .resolve(
                      new VolumeRequest(
                          type,
                          topology.cluster(),
                          NO_BACKUP,
                          set.set(),
                          set.member(),
                          set.dbPath()));
          return CheckItem.ok(
              "snapshots",
              set.member(),
              "%s: %s%s"
                  .formatted(
                      type.word(),
                      String.join(", ", found.volumes()),
                      found.warnings().isEmpty()
                          ? ""
                          : " (" + String.join("; ", found.warnings()) + ")"));
        });
  }

  private static CheckItem agent(MemberState member, Optional<SeenCatalog> catalog) {
    return answered(
        "agent",
        member.address(),
        () -> AgentVerdict.of(member, inspect(member.address()), catalog));
  }

  private static CheckItem routerAgent(String router) {
    return answered(
        "agent",
        router,
        () ->
            CheckItem.ok(
                "agent",
                router,
                inspect(router).running() ? "serves this mongos" : "the mongos does not run"));
  }

  private static NodeReport inspect(String address) {
    return Workflow.newActivityStub(
            NodeActivities.class, ActivityPolicies.inspect("inspect " + address, address))
        .inspect(address);
  }

  private static CheckItem answered(String what, String subject, Supplier<CheckItem> question) {
    try {
      return question.get();
    } catch (TemporalFailure e) {
      TemporalFailure failure = Agents.unreachable(e, subject);
      ErrorCode code = Failures.codeOf(failure);
      if (code == ErrorCode.CANCELLED) {
        throw e;
      }
      String text = Failures.messageOf(failure);
      int hint = text.indexOf("HINT: ");
      return CheckItem.notOk(
          what,
          subject,
          code,
          hint < 0 ? text : text.substring(0, hint).strip(),
          hint < 0 ? "" : text.substring(hint + "HINT: ".length()).strip());
    }
  }
}
