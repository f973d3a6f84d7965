package io.stillpoint.cli;

import io.stillpoint.client.StillpointClient;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Gives an operation up. */
@Command(
    name = "cancel",
    description = {
      "Give a backup or restore up.",
      "",
      "A backup closes its cursors, gives the balancer back and deletes the snapshots that it made;"
          + " copies that you made of a manual one are worthless then, and yours to delete. A"
          + " restore puts the old data back."
    },
    footerHeading = "%nEXAMPLES%n",
    footer = "  stillpoint cancel shop-20261122T101500Z --reason 'maintenance'")
final class CancelCommand extends ClientCommand {
  @Parameters(paramLabel = "NAME", description = "The backup or restore.")
  private String name;

  @Option(
      names = "--reason",
      defaultValue = "cancelled from the command line",
      description = "Kept in the record.")
  private String reason;

  CancelCommand(StillpointCommand root) {
    super(root);
  }

  @Override
  int run(StillpointClient client) {
    String answer = client.operation(name).abort(reason);
    printer().data(Map.of("name", name, "answer", answer), List.of(answer));
    printer().progress("watch its end with: stillpoint watch " + name);
    return 0;
  }
}
