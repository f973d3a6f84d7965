package io.stillpoint.cli;

import io.stillpoint.backup.BackupPhase;
import io.stillpoint.backup.BackupRequest;
import io.stillpoint.backup.BackupResult;
import io.stillpoint.client.BackupOperation;
import io.stillpoint.client.StillpointClient;
import io.stillpoint.model.SnapshotType;
import java.time.Duration;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Starts a backup. */
@Command(
    name = "backup",
    description = {
      "Start a backup of a whole cluster.",
      "",
      "Returns once a worker has begun; with --wait once it has ended. A manual backup returns when"
          + " the files are ready to be copied, and says what to do."
    },
    footerHeading = "%nEXAMPLES%n",
    footer = {
      "  stillpoint backup --cluster shop --wait",
      "  stillpoint backup --cluster shop --type manual --name before-upgrade"
    })
final class BackupCommand extends ClientCommand {
  // An ended backup must be reported by its result, not as started.
  private static final Set<BackupPhase> BEFORE_OR_AFTER =
      EnumSet.of(BackupPhase.PLANNING, BackupPhase.CLEANING_UP, BackupPhase.ENDED);

  @Option(
      names = "--cluster",
      required = true,
      description = "A name in the worker's configuration.")
  private String cluster;

  @Option(
      names = "--type",
      converter = SnapshotTypes.class,
      completionCandidates = SnapshotTypes.Words.class,
      description = "directory (default), manual, ebs, gce or command.")
  private Optional<SnapshotType> type = Optional.empty();

  @Option(names = "--name", description = "The backup's name (default: CLUSTER-UTCTIME).")
  private Optional<String> name = Optional.empty();

  @Option(names = "--wait", description = "Show progress until the backup has ended.")
  private boolean wait;

  @Option(names = "--dry-run", description = "Show the plan; change nothing.")
  private boolean dryRun;

  @Option(names = "--list-files", description = "Manual: also print the files to copy.")
  private boolean listFiles;

  @Option(
      names = "--tag",
      paramLabel = "KEY=VALUE",
      description = "Kept with the backup; repeatable.")
  private Map<String, String> tags = new LinkedHashMap<>();

  @Option(
      names = "--member",
      paramLabel = "SET=HOST:PORT",
      description = "Back this member of the set up, instead of the chosen one; repeatable.")
  private Map<String, String> members = new LinkedHashMap<>();

  @Option(
      names = "--copy-deadline",
      paramLabel = "TIME",
      converter = Durations.class,
      description = "How long the copy may take, such as 6h (default: 24h).")
  private Optional<Duration> copyDeadline = Optional.empty();

  @Option(
      names = "--attempts",
      paramLabel = "N",
      description = "Tries with new cursors when one is lost (default: 3).")
  private Optional<Integer> attempts = Optional.empty();

  BackupCommand(StillpointCommand root) {
    super(root);
  }

  @Override
  int run(StillpointClient client) {
    BackupOperation backup =
        client.startBackup(
            new BackupRequest(cluster, name, type, dryRun, attempts, copyDeadline, members, tags));
    backup.awaitPickedUp();
    Detach.during(printer(), backup.name(), () -> goOn(client, backup));
    return 0;
  }

  private void goOn(StillpointClient client, BackupOperation backup) {
    if (dryRun) {
      printPlan(follow(backup).orElseThrow());
    } else if (type.equals(Optional.of(SnapshotType.MANUAL))) {
      manual(client, backup);
    } else if (wait) {
      printResult(follow(backup).orElseThrow());
    } else {
      planned(backup);
    }
  }

  /** What the plan refuses is this command's to say: an unknown cluster, a dead node agent. */
  private void planned(BackupOperation backup) {
    new Follower(root().context(), printer())
        .backup(backup, d -> !BEFORE_OR_AFTER.contains(d.phase()));
    // Scripts read the name, also of a backup that was faster than this command.
    printStarted(backup);
  }

  private Optional<BackupResult> follow(BackupOperation backup) {
    return new Follower(root().context(), printer()).backup(backup, d -> false);
  }

  private void manual(StillpointClient client, BackupOperation backup) {
    Optional<BackupResult> early =
        new Follower(root().context(), printer()).backup(backup, BackupView::isReadyToCopy);
    if (early.isPresent()) {
      printResult(early.get());
      return;
    }
    if (listFiles) {
      FileListing.print(printer(), client, backup.describe(), Optional.empty());
    }
    if (wait) {
      BackupView.copyInstructions(backup.describe()).forEach(printer()::progress);
      printResult(follow(backup).orElseThrow());
    } else if (listFiles) {
      BackupView.copyInstructions(backup.describe()).forEach(printer()::progress);
    } else {
      printer().data(backup.describe(), BackupView.copyInstructions(backup.describe()));
    }
  }

  private void printStarted(BackupOperation backup) {
    printer().data(Map.of("backup", backup.name()), List.of(backup.name()));
    printer().progress("started; watch it with: stillpoint watch " + backup.name());
  }

  private void printPlan(BackupResult result) {
    printer().data(result, result.plan());
  }

  private void printResult(BackupResult result) {
    printer().data(result, ResultView.of(result));
  }
}
