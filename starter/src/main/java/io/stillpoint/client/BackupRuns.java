package io.stillpoint.client;

import io.grpc.Status;
import io.stillpoint.backup.BackupDescription;
import io.stillpoint.error.StillpointException;
import io.stillpoint.policy.SearchAttributes;
import io.stillpoint.policy.WorkflowIds;
import io.temporal.client.WorkflowClient;
import java.util.Optional;

/**
 * Finds the workflow that takes a backup. Our own clients and schedules use ids that follow from
 * the backup's name; somebody who types {@code temporal workflow start} may use any.
 */
final class BackupRuns {
  private final WorkflowClient client;
  private boolean attributesMissing;

  BackupRuns(WorkflowClient client) {
    this.client = client;
  }

  /** The workflow's id; empty if Temporal knows none, or no more. */
  Optional<String> find(String backup) {
    String usual = WorkflowIds.backup(backup);
    if (exists(usual)) {
      return Optional.of(usual);
    }
    return WorkflowIds.scheduledBackup(backup)
        .filter(this::exists)
        .or(() -> byAttribute(backup))
        .or(() -> byAsking(backup));
  }

  /** Whether the last search could not use search attributes, because the namespace lacks them. */
  boolean attributesMissing() {
    return attributesMissing;
  }

  private boolean exists(String workflowId) {
    return handle(workflowId).find().isPresent();
  }

  private Optional<String> byAttribute(String backup) {
    if (backup.contains("'") || backup.contains("\\")) {
      return Optional.empty();
    }
    String query =
        "%s = '%s' AND WorkflowType = 'SnapshotBackupWorkflow'"
            .formatted(SearchAttributes.BACKUP.getName(), backup);
    try {
      return client
          .listExecutions(query)
          .map(e -> e.getExecution().getWorkflowId())
          // A dry run reserves no name, so it is not this backup.
          .filter(id -> !id.startsWith("plan/"))
          .findFirst();
    } catch (RuntimeException e) {
      Status.Code code = Status.fromThrowable(e).getCode();
      if (code == Status.Code.UNIMPLEMENTED || code == Status.Code.INVALID_ARGUMENT) {
        // No visibility, or attributes that nobody has registered.
        attributesMissing = code == Status.Code.INVALID_ARGUMENT;
        return Optional.empty();
      }
      throw ClientErrors.of(e, "backup '%s'".formatted(backup));
    }
  }

  /** Without search attributes, those that run can still say themselves which backup they take. */
  private Optional<String> byAsking(String backup) {
    return new RunningOperations(client)
        .all().stream()
            .filter(o -> o.kind().equals("backup"))
            .map(RunningOperation::workflowId)
            .filter(id -> takes(id, backup))
            .findFirst();
  }

  private boolean takes(String workflowId, String backup) {
    try {
      return handle(workflowId).query("describe", BackupDescription.class).backup().equals(backup);
    } catch (StillpointException e) {
      // It has ended meanwhile, or has not begun: then it is not known to be this one.
      return false;
    }
  }

  private WorkflowHandle handle(String workflowId) {
    return new WorkflowHandle(client, workflowId, workflowId, WorkflowHandle.PICK_UP);
  }
}
