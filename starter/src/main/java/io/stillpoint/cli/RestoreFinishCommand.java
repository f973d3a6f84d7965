package io.stillpoint.cli;

import io.stillpoint.client.RestoreOperation;
import io.stillpoint.client.StillpointClient;
import io.stillpoint.restore.RestoreResult;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Says that a person has put the files in place. */
@Command(
    name = "restore-finish",
    description = "Say that the files of a manual restore are in the stage directories.",
    footerHeading = "%nEXAMPLES%n",
    footer = "  stillpoint restore-finish before-upgrade-restore-20261122T101500Z")
final class RestoreFinishCommand extends ClientCommand {
  @Parameters(paramLabel = "NAME", description = "The restore.")
  private String name;

  @Option(
      names = "--member",
      paramLabel = "HOST:PORT",
      defaultValue = "",
      description = "Only this member's files (default: all members').")
  private String member;

  @Option(names = "--wait", description = "Show progress until the restore has ended.")
  private boolean wait;

  RestoreFinishCommand(StillpointCommand root) {
    super(root);
  }

  @Override
  int run(StillpointClient client) {
    RestoreOperation restore = client.restore(name);
    String answer = restore.finishCopy(member);
    if (!wait) {
      printer().data(Map.of("restore", name, "answer", answer), List.of(answer));
      return 0;
    }
    printer().progress(answer);
    Detach.during(printer(), name, () -> follow(restore));
    return 0;
  }

  private void follow(RestoreOperation restore) {
    RestoreResult result =
        new Follower(root().context(), printer()).restore(restore, d -> false).orElseThrow();
    printer().data(result, ResultView.of(result));
  }
}
