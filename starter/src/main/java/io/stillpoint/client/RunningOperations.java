package io.stillpoint.client;

import com.google.protobuf.Timestamp;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.stillpoint.policy.WorkflowIds;
import io.temporal.api.common.v1.WorkflowExecution;
import io.temporal.api.filter.v1.StartTimeFilter;
import io.temporal.api.workflow.v1.WorkflowExecutionInfo;
import io.temporal.api.workflowservice.v1.ListOpenWorkflowExecutionsRequest;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowExecutionDescription;
import io.temporal.client.WorkflowExecutionMetadata;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Finds the operations that run now. */
final class RunningOperations {
  /** What people start, by workflow type, and what it is called here. */
  private static final Map<String, String> KINDS =
      Map.of(
          "SnapshotBackupWorkflow", "backup",
          "SnapshotRestoreWorkflow", "restore",
          "PruneWorkflow", "prune",
          "DeleteBackupWorkflow", "delete",
          "PruneOrphansWorkflow", "prune",
          "RebuildCatalogWorkflow", "rebuild",
          "RecoverClusterWorkflow", "recover");

  private static final String QUERY =
      "ExecutionStatus = 'Running' AND WorkflowType IN (%s)"
          .formatted(
              KINDS.keySet().stream()
                  .sorted()
                  .map(type -> "'" + type + "'")
                  .collect(Collectors.joining(", ")));
  private static final int PAGE = 200;

  private final WorkflowClient client;

  RunningOperations(WorkflowClient client) {
    this.client = client;
  }

  /** By the cluster's locks, which the server keeps exactly; lists lag behind. */
  List<RunningOperation> of(String cluster) {
    return Stream.of(cluster, WorkflowIds.deletions(cluster))
        .map(this::holding)
        .flatMap(Optional::stream)
        .toList();
  }

  private Optional<RunningOperation> holding(String cluster) {
    WorkflowHandle lock =
        new WorkflowHandle(
            client,
            WorkflowIds.lock(cluster),
            "the lock of cluster '%s'".formatted(cluster),
            WorkflowHandle.PICK_UP);
    Optional<WorkflowExecutionDescription> held = lock.find().filter(WorkflowHandle::isRunning);
    return held.map(WorkflowExecutionMetadata::getParentExecution)
        .map(WorkflowExecution::getWorkflowId)
        .flatMap(this::find)
        // A lock may outlive its operation for a moment, or until the next one if that was reset.
        .filter(WorkflowHandle::isRunning)
        .flatMap(
            d ->
                operation(d.getExecution().getWorkflowId(), d.getWorkflowType(), d.getStartTime()));
  }

  List<RunningOperation> all() {
    try {
      return sorted(
          client
              .listExecutions(QUERY)
              .flatMap(
                  e ->
                      operation(
                          e.getExecution().getWorkflowId(), e.getWorkflowType(), e.getStartTime())
                          .stream()));
    } catch (RuntimeException e) {
      if (Status.fromThrowable(e).getCode() == Status.Code.UNIMPLEMENTED) {
        return withoutVisibility();
      }
      throw ClientErrors.of(e, "the list of running operations");
    }
  }

  /** For servers without advanced visibility, such as the in-memory one. */
  private List<RunningOperation> withoutVisibility() {
    ListOpenWorkflowExecutionsRequest request =
        ListOpenWorkflowExecutionsRequest.newBuilder()
            .setNamespace(client.getOptions().getNamespace())
            .setMaximumPageSize(PAGE)
            .setStartTimeFilter(
                StartTimeFilter.newBuilder()
                    .setEarliestTime(Timestamp.getDefaultInstance())
                    .setLatestTime(
                        Timestamp.newBuilder().setSeconds(Instant.now().getEpochSecond() + 60)))
            .build();
    try {
      return sorted(
          client
              .getWorkflowServiceStubs()
              .blockingStub()
              .listOpenWorkflowExecutions(request)
              .getExecutionsList()
              .stream()
              .flatMap(
                  e ->
                      operation(e.getExecution().getWorkflowId(), e.getType().getName(), started(e))
                          .stream()));
    } catch (StatusRuntimeException e) {
      throw ClientErrors.of(e, "the list of running operations");
    }
  }

  private static Instant started(WorkflowExecutionInfo info) {
    return Instant.ofEpochSecond(info.getStartTime().getSeconds(), info.getStartTime().getNanos());
  }

  private static List<RunningOperation> sorted(Stream<RunningOperation> operations) {
    return operations
        .filter(o -> !onlyLooks(o.workflowId()))
        .sorted(Comparator.comparing(RunningOperation::startedAt))
        .toList();
  }

  private Optional<WorkflowExecutionDescription> find(String workflowId) {
    return new WorkflowHandle(client, workflowId, workflowId, WorkflowHandle.PICK_UP).find();
  }

  private static Optional<RunningOperation> operation(
      String workflowId, String workflowType, Instant startedAt) {
    return Optional.ofNullable(KINDS.get(workflowType))
        .map(kind -> new RunningOperation(kind, name(kind, workflowId), workflowId, startedAt));
  }

  /** Dry runs change nothing, so nobody waits for them. */
  private static boolean onlyLooks(String workflowId) {
    return workflowId.startsWith("plan/")
        || workflowId.endsWith("/plan")
        || workflowId.endsWith("/look");
  }

  private static String name(String kind, String workflowId) {
    String prefix = kind + "/";
    return workflowId.startsWith(prefix) ? workflowId.substring(prefix.length()) : workflowId;
  }
}
