package io.stillpoint.worker;

import io.stillpoint.catalog.BackupCatalog;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.Manifest;
import io.stillpoint.policy.WorkflowIds;
import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowNotFoundException;
import io.temporal.client.WorkflowStub;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds a backup by its name: its workflow, or what the catalog keeps when Temporal has none. */
final class KnownBackups {
  private final WorkflowClient client;
  private final BackupCatalog catalog;

  KnownBackups(WorkflowClient client, BackupCatalog catalog) {
    this.client = client;
    this.catalog = catalog;
  }

  /**
   * The workflow that takes it, or took it: by the ids that clients and schedules use, else by the
   * one that the record names. Empty if Temporal has forgotten it.
   *
   * @throws StillpointException BACKUP_UNKNOWN if the catalog does not know it either, BAD_INPUT
   *     for a name that is none
   */
  Optional<WorkflowStub> workflow(String backup) {
    Optional<WorkflowStub> usual =
        Stream.concat(
                Stream.of(WorkflowIds.backup(backup)), WorkflowIds.scheduledBackup(backup).stream())
            .flatMap(id -> known(id).stream())
            .findFirst();
    return usual.isPresent() ? usual : known(ownerOf(recorded(backup)));
  }

  /**
   * @throws StillpointException BACKUP_UNKNOWN, MANIFEST_DAMAGED, MANIFEST_VERSION
   */
  Manifest recorded(String backup) {
    return catalog.read(backup);
  }

  /** How Temporal says that it ended, such as TERMINATED; empty while it runs. */
  static Optional<String> status(WorkflowStub workflow) {
    WorkflowExecutionStatus status = workflow.describe().getStatus();
    return status == WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING
        ? Optional.empty()
        : Optional.of(status.name().replace("WORKFLOW_EXECUTION_STATUS_", ""));
  }

  private Optional<WorkflowStub> known(String workflowId) {
    WorkflowStub stub = client.newUntypedWorkflowStub(workflowId);
    try {
      stub.describe();
      return Optional.of(stub);
    } catch (WorkflowNotFoundException e) {
      return Optional.empty();
    }
  }

  /** The workflow id of an owner, which is "workflow run". */
  private static String ownerOf(Manifest manifest) {
    int end = manifest.owner().lastIndexOf(' ');
    if (end < 0) {
      throw new StillpointException(
          ErrorCode.MANIFEST_DAMAGED,
          "manifest of backup '%s' names no workflow as its owner".formatted(manifest.backup()),
          "look at it: stillpoint describe-backup " + manifest.backup());
    }
    return manifest.owner().substring(0, end);
  }
}
