package io.stillpoint.cli;

import io.stillpoint.client.ScheduleState;
import io.stillpoint.client.StillpointClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Shows one schedule. */
@Command(
    name = "describe",
    description = "Show one schedule: its next starts, its last ones and how they ended.",
    footerHeading = "%nEXAMPLES%n",
    footer = "  stillpoint schedule describe nightly")
final class ScheduleDescribeCommand extends ClientCommand {
  @Parameters(paramLabel = "NAME", description = "The schedule.")
  private String name;

  ScheduleDescribeCommand(StillpointCommand root) {
    super(root);
  }

  @Override
  int run(StillpointClient client) {
    ScheduleState schedule = client.schedules().describe(name);
    printer().data(schedule, ScheduleView.of(schedule));
    return 0;
  }
}
