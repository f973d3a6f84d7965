package io.stillpoint.cli;

import io.stillpoint.client.ScheduleState;
import io.stillpoint.client.StillpointClient;
import java.util.List;
import picocli.CommandLine.Command;

/** Lists schedules. */
@Command(
    name = "list",
    description = "List every schedule that starts backups, also those of other tools.",
    footerHeading = "%nEXAMPLES%n",
    footer = "  stillpoint schedule list --output json")
final class ScheduleListCommand extends ClientCommand {
  ScheduleListCommand(StillpointCommand root) {
    super(root);
  }

  @Override
  int run(StillpointClient client) {
    List<ScheduleState> schedules = client.schedules().list();
    printer().data(schedules, ScheduleView.table(schedules));
    if (schedules.isEmpty()) {
      printer().progress("there is none; make one with: stillpoint schedule create --help");
    }
    return 0;
  }
}
