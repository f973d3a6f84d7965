package io.stillpoint.cli;

import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Backups by the clock. */
@Command(
    name = "schedule",
    description = {
      "Take backups by the clock, on Temporal's schedules.",
      "",
      "A start is left out while the schedule's last backup still runs; on a cluster that is busy"
          + " otherwise it ends as CLUSTER_BUSY. 'stillpoint status' tells what was missed."
    },
    synopsisSubcommandLabel = "COMMAND",
    footerHeading = "%nEXAMPLES%n",
    footer = {
      "  stillpoint schedule create nightly --cluster shop --cron '0 2 * * *' --zone Europe/Berlin",
      "  stillpoint schedule list"
    })
final class ScheduleCommand implements Runnable {
  @Spec private CommandSpec spec;

  private ScheduleCommand() {}

  static CommandLine line(StillpointCommand root) {
    CommandLine line = new CommandLine(new ScheduleCommand());
    List.of(
            new ScheduleCreateCommand(root),
            new ScheduleListCommand(root),
            new ScheduleDescribeCommand(root),
            new ScheduleStateCommands.Pause(root),
            new ScheduleStateCommands.Resume(root),
            new ScheduleStateCommands.Trigger(root),
            new ScheduleBackfillCommand(root),
            new ScheduleStateCommands.Delete(root))
        .forEach(line::addSubcommand);
    return line;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a command is missing");
  }
}
