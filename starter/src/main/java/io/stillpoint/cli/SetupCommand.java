package io.stillpoint.cli;

import io.stillpoint.client.StillpointClient;
import io.stillpoint.policy.SearchAttributes;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;

/** Prepares a Temporal namespace. */
@Command(
    name = "setup",
    description = {
      "Register Stillpoint's search attributes in the namespace.",
      "",
      "With them, Temporal's UI and lists find operations by cluster, backup, phase and consistent"
          + " point. May be run again at any time. Control workers use them from their next start"
          + " on."
    },
    footerHeading = "%nEXAMPLES%n",
    footer = "  stillpoint setup --namespace backups")
final class SetupCommand extends ClientCommand {
  SetupCommand(StillpointCommand root) {
    super(root);
  }

  @Override
  int run(StillpointClient client) {
    List<String> added = client.registerSearchAttributes();
    printer()
        .data(
            Map.of("searchAttributes", SearchAttributes.names(), "added", added),
            List.of(
                added.isEmpty()
                    ? "all search attributes were registered before"
                    : "registered: " + String.join(", ", added)));
    if (!added.isEmpty()) {
      printer().progress("restart control workers that run already, so that they use them");
    }
    return 0;
  }
}
