package io.stillpoint.cli;

import io.stillpoint.backup.BackupResult;
import io.stillpoint.backup.CopyFinished;
import io.stillpoint.client.BackupOperation;
import io.stillpoint.client.StillpointClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Says that a copy made by a person is complete. */
@Command(
    name = "backup-finish",
    description = {
      "Say that the copy of a manual backup is complete.",
      "",
      "The cursors are proven and closed, and the backup is recorded. Until then the servers keep"
          + " every file as it is."
    },
    footerHeading = "%nEXAMPLES%n",
    footer = {
      "  stillpoint backup-finish before-upgrade",
      "  stillpoint backup-finish before-upgrade --set rs0 --snapshot lvm:vg0/snap-rs0"
    })
final class BackupFinishCommand extends ClientCommand {
  @Parameters(paramLabel = "NAME", description = "The backup.")
  private String name;

  @Option(names = "--set", description = "Only this replica set is copied (default: all are).")
  private Optional<String> set = Optional.empty();

  @Option(
      names = "--snapshot",
      paramLabel = "REF",
      description = "Your own name for a snapshot, kept in the manifest; repeatable.")
  private List<String> snapshots = new ArrayList<>();

  @Option(
      names = "--attempt",
      paramLabel = "N",
      description =
          "The attempt in which you copied; must be said from the second on, which begins when a"
              + " cursor was lost.")
  private Optional<Integer> attempt = Optional.empty();

  @Option(names = "--wait", description = "Show progress until the backup has ended.")
  private boolean wait;

  BackupFinishCommand(StillpointCommand root) {
    super(root);
  }

  @Override
  int run(StillpointClient client) {
    BackupOperation backup = client.backup(name);
    String answer = backup.finishCopy(new CopyFinished(set, snapshots, attempt));
    if (!wait) {
      printer().data(Map.of("backup", name, "answer", answer), List.of(answer));
      return 0;
    }
    printer().progress(answer);
    Detach.during(printer(), name, () -> follow(backup));
    return 0;
  }

  private void follow(BackupOperation backup) {
    BackupResult result =
        new Follower(root().context(), printer()).backup(backup, d -> false).orElseThrow();
    printer().data(result, ResultView.of(result));
  }
}
