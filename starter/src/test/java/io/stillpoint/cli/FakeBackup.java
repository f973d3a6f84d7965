package io.stillpoint.cli;

import io.stillpoint.backup.BackupDescription;
import io.stillpoint.backup.BackupDescription.SetDescription;
import io.stillpoint.backup.BackupPhase;
import io.stillpoint.backup.BackupRequest;
import io.stillpoint.backup.BackupResult;
import io.stillpoint.backup.CopyFinished;
import io.stillpoint.backup.SnapshotBackupWorkflow;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.Failures;
import io.stillpoint.model.BackupSummary;
import io.stillpoint.model.BalancerSettings;
import io.stillpoint.model.ClusterTime;
import io.stillpoint.model.OperationStatus;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.policy.Inputs;
import io.temporal.workflow.Workflow;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A backup without a database: the cluster's name says how it ends. */
public final class FakeBackup implements SnapshotBackupWorkflow {
  static final ClusterTime POINT = new ClusterTime(1_700_000_000, 7);

  private BackupRequest request;
  private BackupPhase phase = BackupPhase.PLANNING;
  private boolean finished;
  private String aborted = "";

  @Override
  public BackupResult run(Object typed) {
    BackupRequest input = Inputs.read(typed, BackupRequest.class, "the input", "{}");
    request = input;
    if (input.cluster().equals("busy")) {
      throw Failures.of(
          ErrorCode.CLUSTER_BUSY, "cluster 'busy' is busy", "stillpoint status --cluster busy");
    }
    if (input.dryRun()) {
      return new BackupResult(
          name(), Optional.empty(), List.of("copy rs0 from db1:27017"), 0, 0, 0);
    }
    phase = BackupPhase.COPYING;
    if (input.type().equals(Optional.of(SnapshotType.MANUAL))) {
      Workflow.await(() -> finished || !aborted.isEmpty());
    }
    phase = BackupPhase.ENDED;
    if (!aborted.isEmpty()) {
      throw Failures.of(ErrorCode.CANCELLED, "backup was aborted: " + aborted, "");
    }
    return new BackupResult(name(), Optional.of(summary(name())), List.of("planned"), 21, 1, 1);
  }

  private String name() {
    return request.backup().orElseThrow();
  }

  static BackupSummary summary(String name) {
    return new BackupSummary(
        name,
        "shop",
        SnapshotType.DIRECTORY,
        OperationStatus.COMPLETED,
        Instant.parse("2026-11-22T10:00:00Z"),
        Optional.of(Instant.parse("2026-11-22T10:15:00Z")),
        Optional.of(POINT),
        1,
        3L << 20,
        "");
  }

  @Override
  public void copyFinished(Object message) {
    finished = true;
  }

  @Override
  public void cursorAdopted(String set, String holder) {}

  @Override
  public String finishCopy(Object message) {
    finished = true;
    return "the copy of all sets is taken as complete";
  }

  @Override
  public void validateFinishCopy(Object typed) {
    CopyFinished message = Inputs.read(typed, CopyFinished.class, "the message", "{}");
    if (message.set().filter(s -> !s.equals("rs0")).isPresent()) {
      throw Failures.of(
          ErrorCode.NOT_WAITING, "no set is named " + message.set().get(), "the set is rs0");
    }
  }

  @Override
  public String abort(Object reason) {
    aborted = Inputs.text(reason, "reason", "the reason");
    return "backup is being given up";
  }

  @Override
  public void validateAbort(Object reason) {}

  @Override
  public BackupDescription describe() {
    return new BackupDescription(
        name(),
        request.cluster(),
        request.type().orElse(SnapshotType.DIRECTORY),
        OperationStatus.RUNNING,
        phase,
        1,
        Optional.of(POINT),
        0,
        BalancerSettings.NONE,
        List.of(
            new SetDescription(
                "rs0",
                "rs0",
                "db1:27017",
                "/data/db",
                "ready to copy",
                1,
                "cursor",
                0,
                "",
                "rs0-1.files",
                2,
                3L << 20,
                finished,
                false,
                List.of())),
        List.of(),
        "");
  }
}
