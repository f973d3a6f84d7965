package io.stillpoint.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.stillpoint.cli.CommandRunner.Run;
import io.stillpoint.restore.RestoreRequest;
import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class CommandsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static CommandRunner cli;

  @BeforeAll
  static void start() {
    cli = CommandRunner.withWorker();
  }

  @AfterAll
  static void stop() {
    cli.close();
  }

  @Test
  void shouldListBackupsAsTable() {
    Run run = cli.run("list");

    assertThat(run.exitCode()).isZero();
    assertThat(run.out().lines())
        .containsExactly(
            "BACKUP  CLUSTER  TYPE       STATUS     POINT         FINISHED              SIZE",
            "good    shop     directory  COMPLETED  1700000000,7  2026-11-22T10:15:00Z  3.0 MiB");
    assertThat(run.err()).isEmpty();
  }

  @Test
  void shouldListBackupsAsOneJsonDocument() throws Exception {
    JsonNode list = JSON.readTree(cli.run("list", "--output", "json").out());

    assertThat(list).hasSize(1);
    assertThat(list.get(0).get("backup").asText()).isEqualTo("good");
    assertThat(list.get(0).get("completedAt").asText()).isEqualTo("2026-11-22T10:15:00Z");
    assertThat(list.get(0).get("consistentPoint").asText()).isEqualTo("1700000000,7");
  }

  @Test
  void shouldCallRecordDamagedAndNotItsBackupFailed() {
    Run run = cli.run("list", "--cluster", "damaged");

    assertThat(run.out().lines().skip(1)).hasSize(2);
    assertThat(run.out().lines().skip(1))
        .satisfiesExactly(
            l -> assertThat(l).contains("DAMAGED").endsWith("MANIFEST_DAMAGED"),
            l -> assertThat(l).contains("UNREADABLE").endsWith("MANIFEST_VERSION"));
    assertThat(run.out()).doesNotContain("FAILED");
  }

  /** Not "there is no backup yet": a misspelt name must not look like a cluster without backups. */
  @Test
  void shouldRefuseUnknownCluster() {
    for (String command : new String[] {"list", "status", "schedule create n --every 6h"}) {
      Run run = cli.run((command + " --cluster nosuch").split(" "));

      assertThat(run.exitCode()).as(command).isEqualTo(10);
      assertThat(run.err()).contains("error [CLUSTER_UNKNOWN]: cluster 'nosuch'");
      assertThat(run.out()).isEmpty();
    }
  }

  @Test
  void shouldSayHowToMakeFirstBackup() {
    Run run = cli.run("list", "--cluster", "empty");

    assertThat(run.exitCode()).isZero();
    assertThat(run.err()).contains("stillpoint backup --cluster");
  }

  @Test
  void shouldDescribeRecordedBackup() {
    Run run = cli.run("describe-backup", "good");

    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).contains("status    COMPLETED", "point     1700000000,7", "/data/db");
  }

  @Test
  void shouldDescribeBackupThatWasRefusedBeforeItHadARecord() {
    cli.run("backup", "--cluster", "busy", "--name", "refused", "--wait");

    Run run = cli.run("describe-backup", "refused");

    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).contains("backup    refused", "cluster   busy");
  }

  @Test
  void shouldListEveryFileAcrossPages() {
    Run run = cli.run("describe-backup", "good", "--list-files", "--set", "rs0");

    assertThat(run.out().lines())
        .hasSize(FakeCatalog.FILES)
        .doesNotHaveDuplicates()
        .startsWith("collection-0.wt")
        .endsWith("collection-899.wt");
  }

  @Test
  void shouldRefuseFilesOfUnknownSet() {
    Run run = cli.run("describe-backup", "good", "--list-files", "--set", "rs9");

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("error [BAD_INPUT]: backup 'good' has no files of set 'rs9'");
  }

  @Test
  void shouldPassCodeMessageAndHintOfFailedWorkflow() {
    Run run = cli.run("describe-backup", "bad");

    assertThat(run.exitCode()).isEqualTo(10);
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .isEqualToIgnoringNewLines(
            "error [BACKUP_UNKNOWN]: backup 'bad' is not in the catalog" + "HINT: stillpoint list");
  }

  @Test
  void shouldWriteErrorAsJson() throws Exception {
    Run run = cli.run("backup", "--cluster", "busy", "--wait", "--output", "json");

    assertThat(run.exitCode()).isEqualTo(11);
    String last = run.err().lines().reduce((a, b) -> b).orElseThrow();
    JsonNode error = JSON.readTree(last).get("error");
    assertThat(error.get("code").asText()).isEqualTo("CLUSTER_BUSY");
    assertThat(error.get("message").asText()).isEqualTo("cluster 'busy' is busy");
    assertThat(error.get("hint").asText()).isEqualTo("stillpoint status --cluster busy");
    assertThat(error.get("exitCode").asInt()).isEqualTo(11);
  }

  @Test
  void shouldWaitForBackup() {
    Run run = cli.run("backup", "--cluster", "shop", "--name", "waited", "--wait");

    assertThat(run.exitCode()).isZero();
    assertThat(run.out())
        .contains("backup waited COMPLETED", "point          1700000000,7", "adopted");
  }

  @Test
  void shouldPrintNameOfStartedBackup() {
    Run run = cli.run("backup", "--cluster", "shop", "--name", "started");

    assertThat(run.exitCode()).isZero();
    assertThat(run.out().strip()).isEqualTo("started");
    assertThat(run.err()).contains("stillpoint watch started");
  }

  @Test
  void shouldRefuseSecondBackupOfSameName() {
    cli.run("backup", "--cluster", "shop", "--name", "twice", "--wait");

    Run run = cli.run("backup", "--cluster", "shop", "--name", "twice");

    assertThat(run.exitCode()).isEqualTo(11);
    assertThat(run.err()).contains("error [BACKUP_EXISTS]", "stillpoint watch twice");
  }

  @Test
  void shouldLeaveNameFreeAfterDryRun() {
    Run plan = cli.run("backup", "--cluster", "shop", "--name", "planned", "--dry-run");
    Run real = cli.run("backup", "--cluster", "shop", "--name", "planned", "--wait");

    assertThat(plan.out().strip()).isEqualTo("copy rs0 from db1:27017");
    assertThat(real.exitCode()).isZero();
  }

  @Test
  void shouldGuidePersonThroughManualBackup() {
    Run begin = cli.run("backup", "--cluster", "shop", "--type", "manual", "--name", "by-hand");
    assertThat(begin.exitCode()).isZero();
    assertThat(begin.out())
        .contains("db1:27017", "/data/db", "stillpoint backup-finish by-hand", "cancel by-hand");

    Run wrong = cli.run("backup-finish", "by-hand", "--set", "rs9");
    assertThat(wrong.err()).contains("error [NOT_WAITING]: no set is named rs9", "HINT:");
    assertThat(wrong.exitCode()).isEqualTo(13);

    assertThat(cli.run("describe-backup", "by-hand").out()).contains("RUNNING, COPYING");
    Run end = cli.run("backup-finish", "by-hand", "--wait");
    assertThat(end.exitCode()).isZero();
    assertThat(end.out()).contains("backup by-hand COMPLETED");
  }

  @Test
  void shouldCancelAndShowTheEnd() {
    cli.run("backup", "--cluster", "shop", "--type", "manual", "--name", "unwanted");

    Run cancel = cli.run("cancel", "unwanted", "--reason", "changed my mind");
    Run watch = cli.run("watch", "unwanted");
    Run again = cli.run("cancel", "unwanted");

    assertThat(cancel.exitCode()).isZero();
    assertThat(watch.exitCode()).isEqualTo(130);
    assertThat(watch.err()).contains("error [CANCELLED]: backup was aborted: changed my mind");
    assertThat(again.exitCode()).isEqualTo(13);
    assertThat(again.err()).contains("HINT: see how it ended with: stillpoint watch unwanted");
  }

  @Test
  void shouldRefuseUnknownOperation() {
    assertThat(cli.run("cancel", "nobody").exitCode()).isEqualTo(10);
    assertThat(cli.run("watch", "nobody").exitCode()).isEqualTo(10);
    assertThat(cli.run("describe-restore", "nobody").exitCode()).isEqualTo(10);
    assertThat(cli.run("backup-finish", "nobody").exitCode()).isEqualTo(10);
  }

  @Test
  void shouldShowPlanAndRestoreWithYes() {
    Run run = cli.run("restore", "good", "--name", "r-yes", "--yes", "--wait");

    assertThat(run.exitCode()).isZero();
    assertThat(run.err())
        .contains("replaces the data of cluster 'shop'", "db1:27017 gets the data of rs0");
    assertThat(run.out()).contains("every set was proven to be at 1700000000,7");
  }

  @Test
  void shouldRestoreWhenClusterNameIsTyped() {
    Run run = cli.typing("shop\n", "restore", "good", "--name", "r-typed", "--wait");

    assertThat(run.exitCode()).isZero();
  }

  @Test
  void shouldGiveRestoreUpWhenAnotherNameIsTyped() {
    Run run = cli.typing("shops\n", "restore", "good", "--name", "r-wrong");

    assertThat(run.exitCode()).isEqualTo(13);
    assertThat(run.err()).contains("error [RESTORE_NOT_CONFIRMED]", "nothing was changed");
    assertThat(cli.run("watch", "r-wrong").exitCode()).isEqualTo(130);
  }

  @Test
  void shouldNeverConfirmByItselfWithoutTerminal() {
    Run run = cli.run("restore", "good", "--name", "r-script");

    assertThat(run.exitCode()).isEqualTo(13);
    assertThat(run.err()).contains("--yes");
  }

  @Test
  void shouldReplaceAnotherClustersDataOnlyByItsName() {
    Run yes = cli.run("restore", "good", "--cluster", "copy", "--name", "r-f1", "--yes");
    assertThat(yes.exitCode()).isEqualTo(13);
    assertThat(yes.err()).contains("--yes does not agree", "HINT: ", "--confirm copy");

    Run source =
        cli.run("restore", "good", "--cluster", "copy", "--name", "r-f2", "--confirm", "shop");
    assertThat(source.exitCode()).isEqualTo(13);

    Run named =
        cli.run(
            "restore",
            "good",
            "--cluster",
            "copy",
            "--name",
            "r-f3",
            "--confirm",
            "copy",
            "--wait");
    assertThat(named.exitCode()).isZero();
  }

  @Test
  void shouldOnlyPlanOnDryRun() {
    Run run = cli.run("restore", "good", "--name", "r-plan", "--dry-run");

    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).contains("nothing was changed", "db1:27017 gets the data of rs0");
  }

  @Test
  void shouldPassRejectionOfRestoreFinish() {
    cli.run("restore", "good", "--name", "r-early", "--yes", "--wait");

    assertThat(cli.run("restore-finish", "r-early").exitCode()).isNotZero();
  }

  @Test
  void shouldDeleteOnlyWithYes() {
    assertThat(cli.run("delete-backup", "good").exitCode()).isEqualTo(2);
    assertThat(cli.run("delete-backup", "good", "--yes").out()).contains("is deleted");
    assertThat(cli.run("delete-backup", "bad", "--yes").exitCode()).isEqualTo(10);
  }

  @Test
  void shouldShowWhatRunsAndLastGoodBackup() {
    cli.run("backup", "--cluster", "shop", "--type", "manual", "--name", "running-now");

    Run run = cli.run("status");

    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).contains("running-now", "COPYING", "good");
    cli.run("cancel", "running-now");
  }

  @Test
  void shouldShowWhichClusterWaitsForRecover() {
    Run run = cli.run("status", "--cluster", "shop");

    assertThat(run.exitCode()).isZero();
    assertThat(run.out())
        .contains(
            "RECOVERY_NEEDED: restore 'half' of cluster 'shop' ended without being verified or undone",
            "mend it with: stillpoint recover --cluster shop")
        .doesNotContain("sharded");
    assertThat(cli.run("status", "--cluster", "empty").out()).doesNotContain("RECOVERY_NEEDED");
  }

  @Test
  void shouldShowABalancerThatNobodyGaveBack() {
    Run run = cli.run("status", "--cluster", "sharded");

    assertThat(run.out())
        .contains("WARNING: backup/dead ended without giving the balancer of cluster sharded back")
        .doesNotContain("RECOVERY_NEEDED");
  }

  @Test
  void shouldWithdrawBackupThatNoWorkerTakesUp() {
    try (CommandRunner lonely = CommandRunner.withoutWorker()) {
      Run run = lonely.run("backup", "--cluster", "shop", "--name", "nobody-home");

      assertThat(run.exitCode()).isEqualTo(20);
      assertThat(run.err()).contains("error [NO_WORKER]", "stillpoint worker --config");
      assertThat(
              lonely
                  .temporal()
                  .fetchHistory("backup/nobody-home")
                  .getHistory()
                  .getEventsList()
                  .stream()
                  .map(e -> e.getEventType().name()))
          .contains("EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED");
    }
  }

  @Test
  void shouldReportMissingWorkerOnQuestions() {
    try (CommandRunner lonely = CommandRunner.withoutWorker()) {
      Run run = lonely.run("list");

      assertThat(run.exitCode()).isEqualTo(20);
      assertThat(run.err()).contains("error [NO_WORKER]");
    }
  }

  @Test
  void shouldReportTermination() {
    cli.run("backup", "--cluster", "shop", "--type", "manual", "--name", "killed");
    cli.temporal().newUntypedWorkflowStub("backup/killed").terminate("by hand");

    Run run = cli.run("watch", "killed");

    assertThat(run.exitCode()).isEqualTo(130);
    assertThat(run.err())
        .contains("was terminated by force", "HINT: mend what it left with")
        .contains("stillpoint recover --cluster shop");
    assertThat(cli.temporal().newUntypedWorkflowStub("backup/killed").describe().getStatus())
        .isEqualTo(WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_TERMINATED);
  }

  @Test
  void shouldDescribeATerminatedRestore() {
    terminateRestore("half");

    Run run = cli.run("describe-restore", "half");

    assertThat(run.exitCode()).isZero();
    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .contains("status    CANCELLED, AWAITING_CONFIRMATION", "cluster   shop")
        .contains("restore 'half' (power cut) was terminated by force")
        .contains("RECOVERY_NEEDED: restore 'half'", "stillpoint recover --cluster shop")
        .doesNotContain("RUNNING");
  }

  /** A worker that holds it in its cache answers with a stack trace. */
  @Test
  void shouldDescribeATerminatedRestoreThatItsWorkerCannotDescribe() {
    terminateRestore(FakeRestore.MUTE);

    Run run = cli.run("describe-restore", FakeRestore.MUTE);

    assertThat(run.exitCode()).isZero();
    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .contains("status    CANCELLED", "backup    good", "was terminated by force")
        .doesNotContain("RUNNING", "INVALID_ARGUMENT", "RECOVERY_NEEDED");
  }

  private static void terminateRestore(String name) {
    cli.client().startRestore(RestoreRequest.of("good", name, Optional.empty())).awaitPickedUp();
    cli.temporal().newUntypedWorkflowStub("restore/" + name).terminate("power cut");
  }

  @Test
  void shouldSayThatABackupRecordedAsRunningDoesNotRun() {
    Run run = cli.run("describe-backup", "cut-off");

    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).contains("note: it does not run", "stillpoint recover --cluster shop");
    assertThat(cli.run("describe-backup", "good").out()).doesNotContain("does not run");
  }

  @Test
  void shouldSayThatThisServerHasNoSchedules() {
    for (String[] command :
        new String[][] {
          {"schedule", "list"},
          {"schedule", "create", "nightly", "--cluster", "shop", "--every", "6h"},
          {"schedule", "trigger", "nightly"}
        }) {
      Run run = cli.run(command);

      assertThat(run.exitCode()).isEqualTo(20);
      assertThat(run.err())
          .contains("error [TEMPORAL_REFUSED]", "has no schedules", "HINT: use a full server");
    }
  }

  @Test
  void shouldSayInWordsWhatIsWrongWithASchedule() {
    Run zone =
        cli.run("schedule", "create", "n", "--cluster", "shop", "--every", "6h", "--zone", "Mars");
    Run name = cli.run("schedule", "create", "ni ghtly", "--cluster", "shop", "--every", "6h");

    assertThat(zone.exitCode()).isEqualTo(2);
    assertThat(zone.err()).contains("'Mars' is not a time zone such as").doesNotContain("java.");
    assertThat(name.exitCode()).isEqualTo(2);
    assertThat(name.err()).contains("[BAD_INPUT]", "'ni ghtly'");
  }

  @Test
  void shouldSayThatThisServerKeepsNoSearchAttributes() {
    Run run = cli.run("setup");

    assertThat(run.exitCode()).isEqualTo(20);
    assertThat(run.err()).contains("error [TEMPORAL_REFUSED]", "search attributes", "HINT: ");
  }

  @Test
  void shouldReportStatusWithoutSchedules() {
    Run run = cli.run("status", "--cluster", "shop");

    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).contains("LAST GOOD BACKUP").doesNotContain("WARNING");
  }
}
