package io.stillpoint.sandbox.faults;

import io.stillpoint.backup.BackupRequest;
import io.stillpoint.client.BackupOperation;
import io.stillpoint.client.Operation;
import io.stillpoint.client.RestoreOperation;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.policy.WorkflowIds;
import io.stillpoint.restore.RestoreRequest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.awaitility.Awaitility;

/** A backup or restore of the campaign, as the strikes and the verdict see it. */
final class StruckOperation implements FaultCase.Running {

  private static final Duration PHASE = Duration.ofMinutes(6);

  /** An agent that is gone is waited for twice: by what it should do, and by what cleans up. */
  private static final Duration END = Duration.ofMinutes(12);

  private final Operation operation;
  private final String workflowId;
  private List<String> notes = List.of();

  private StruckOperation(Operation operation, String workflowId) {
    this.operation = operation;
    this.workflowId = workflowId;
  }

  static StruckOperation backup(FaultWorld world, String name) {
    return new StruckOperation(
        world
            .client()
            .startBackup(BackupRequest.of(FaultWorld.CLUSTER, name, SnapshotType.DIRECTORY)),
        WorkflowIds.backup(name));
  }

  static StruckOperation restore(FaultWorld world, String backup, String name) {
    return new StruckOperation(
        world
            .client()
            .startRestore(RestoreRequest.of(backup, name, Optional.of(FaultWorld.CLUSTER))),
        WorkflowIds.restore(name));
  }

  @Override
  public String workflowId() {
    return workflowId;
  }

  @Override
  public String phase() {
    return operation instanceof BackupOperation backup
        ? backup.describe().phase().name()
        : ((RestoreOperation) operation).describe().phase().name();
  }

  /** Or one that comes after it, where it was too short to be seen. */
  @Override
  public void awaitPhase(String wanted) {
    List<String> order = order();
    Awaitility.await()
        .atMost(PHASE)
        .pollInterval(Duration.ofMillis(50))
        .ignoreExceptionsMatching(StillpointException.class::isInstance)
        .until(() -> order.indexOf(phase()) >= order.indexOf(wanted));
  }

  @Override
  public void awaitAttempt(int number) {
    Awaitility.await()
        .atMost(PHASE)
        .pollInterval(Duration.ofMillis(100))
        .ignoreExceptionsMatching(StillpointException.class::isInstance)
        .until(() -> operation instanceof BackupOperation b && b.describe().attempt() >= number);
  }

  @Override
  public void readNotes() {
    notes =
        operation instanceof BackupOperation backup
            ? backup.describe().notes()
            : ((RestoreOperation) operation).describe().notes();
  }

  /** What was read beside it while it ran; empty if nobody looked. */
  List<String> notes() {
    return notes;
  }

  private List<String> order() {
    Enum<?>[] phases =
        operation instanceof BackupOperation
            ? io.stillpoint.backup.BackupPhase.values()
            : io.stillpoint.restore.RestorePhase.values();
    return java.util.Arrays.stream(phases).map(Enum::name).toList();
  }

  @Override
  public void abort() {
    try {
      operation.abort("fault campaign");
    } catch (StillpointException e) {
      // Too late to be given up: it ends by itself, and that is looked at.
    }
  }

  /** What the user is told: COMPLETED, or the code and the message. */
  String await() {
    try {
      boolean ended =
          operation instanceof BackupOperation backup
              ? backup.await(END).isPresent()
              : ((RestoreOperation) operation).await(END).isPresent();
      return ended ? "COMPLETED" : "STILL RUNNING";
    } catch (StillpointException e) {
      return "%s: %s".formatted(e.code(), e.getMessage());
    }
  }
}
