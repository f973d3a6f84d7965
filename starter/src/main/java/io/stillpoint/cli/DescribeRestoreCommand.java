package io.stillpoint.cli;

import io.stillpoint.client.StillpointClient;
import io.stillpoint.restore.RestoreDescription;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Shows one restore. */
@Command(
    name = "describe-restore",
    description = "Show one restore, member by member.",
    footerHeading = "%nEXAMPLES%n",
    footer = "  stillpoint describe-restore shop-20261122T101500Z-restore-20261123T080000Z")
final class DescribeRestoreCommand extends ClientCommand {
  @Parameters(paramLabel = "NAME", description = "The restore.")
  private String name;

  DescribeRestoreCommand(StillpointCommand root) {
    super(root);
  }

  @Override
  int run(StillpointClient client) {
    RestoreDescription now = client.restore(name).describe();
    printer().data(now, RestoreView.of(now));
    return 0;
  }
}
