package io.stillpoint.cli;

import io.stillpoint.backup.BackupDescription;
import io.stillpoint.client.BackupOperation;
import io.stillpoint.client.PendingWork;
import io.stillpoint.client.StillpointClient;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.Manifest;
import io.stillpoint.model.OperationStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows one backup: while it runs what happens, afterwards its checked record. */
@Command(
    name = "describe-backup",
    description = "Show one backup: its state while it runs, its checked record afterwards.",
    footerHeading = "%nEXAMPLES%n",
    footer = {
      "  stillpoint describe-backup before-upgrade",
      "  stillpoint describe-backup before-upgrade --list-files --set rs0 > files.txt"
    })
final class DescribeBackupCommand extends ClientCommand {
  private static final PendingWork NOTHING_PENDING =
      new PendingWork(List.of(), Map.of(), List.of());

  @Parameters(paramLabel = "NAME", description = "The backup.")
  private String name;

  @Option(names = "--list-files", description = "Print the files to copy instead.")
  private boolean listFiles;

  @Option(
      names = "--set",
      description = "With --list-files: only this set, as paths below its data directory.")
  private Optional<String> set = Optional.empty();

  DescribeBackupCommand(StillpointCommand root) {
    super(root);
  }

  @Override
  int run(StillpointClient client) {
    if (isRunning(client)) {
      BackupDescription now = client.backup(name).describe();
      if (listFiles) {
        FileListing.print(printer(), client, now, set);
      } else {
        printer().data(now, BackupView.of(now, client.backup(name).pending()));
      }
      return 0;
    }
    Manifest manifest;
    try {
      manifest = client.manifest(name);
    } catch (StillpointException e) {
      if (e.code() == ErrorCode.BACKUP_UNKNOWN && !listFiles && wasRefused(client)) {
        return 0;
      }
      throw e;
    }
    if (listFiles) {
      FileListing.print(printer(), client, manifest, set);
    } else {
      printer().data(manifest, ended(manifest));
    }
    return 0;
  }

  /** Its workflow was found to have ended: a record that says otherwise was never finished. */
  private static List<String> ended(Manifest manifest) {
    List<String> lines = new ArrayList<>(BackupView.of(manifest));
    if (manifest.status() == OperationStatus.RUNNING) {
      lines.add("");
      lines.add(
          "note: it does not run: its workflow was terminated, or is not known to temporal any"
              + " more; the next operation on the cluster records it as failed and cleans up, or:"
              + " stillpoint recover --cluster "
              + manifest.cluster());
    }
    return lines;
  }

  /** A backup that its plan refused has no record, but Temporal remembers why for a while. */
  private boolean wasRefused(StillpointClient client) {
    BackupDescription then;
    try {
      then = client.backup(name).describe();
    } catch (StillpointException e) {
      // Then that it is not in the catalog is all that is known.
      return false;
    }
    printer().data(then, BackupView.of(then, NOTHING_PENDING));
    return true;
  }

  private boolean isRunning(StillpointClient client) {
    BackupOperation backup = client.backup(name);
    try {
      return backup.isRunning();
    } catch (StillpointException e) {
      if (e.code() == ErrorCode.OPERATION_UNKNOWN) {
        // Temporal forgets ended workflows after its retention; the catalog does not.
        return false;
      }
      throw e;
    }
  }
}
