package io.stillpoint.cli;

import io.stillpoint.backup.BackupResult;
import io.stillpoint.client.BackupOperation;
import io.stillpoint.client.Operation;
import io.stillpoint.client.RestoreOperation;
import io.stillpoint.client.StillpointClient;
import io.stillpoint.restore.RestoreResult;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Shows a running operation until it ends. */
@Command(
    name = "watch",
    description = {
      "Show a backup or restore until it ends; the exit status is its own.",
      "",
      "Ctrl-C leaves it running."
    },
    footerHeading = "%nEXAMPLES%n",
    footer = "  stillpoint watch shop-20261122T101500Z")
final class WatchCommand extends ClientCommand {
  @Parameters(paramLabel = "NAME", description = "The backup or restore.")
  private String name;

  WatchCommand(StillpointCommand root) {
    super(root);
  }

  @Override
  StillpointClient connect() {
    return new Patience(printer()).with(super::connect);
  }

  @Override
  int run(StillpointClient client) {
    Operation operation = new Patience(printer()).with(() -> client.operation(name));
    Detach.during(printer(), name, () -> follow(operation));
    return 0;
  }

  private void follow(Operation operation) {
    Follower follower = new Follower(root().context(), printer());
    if (operation instanceof BackupOperation backup) {
      BackupResult result = follower.backup(backup, d -> false).orElseThrow();
      printer().data(result, ResultView.of(result));
    } else {
      RestoreResult result =
          follower.restore((RestoreOperation) operation, d -> false).orElseThrow();
      printer().data(result, ResultView.of(result));
    }
  }
}
