package io.stillpoint.cli;

import io.stillpoint.client.Schedules;
import io.stillpoint.client.StillpointClient;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The commands that change one schedule as a whole. */
final class ScheduleStateCommands {
  private ScheduleStateCommands() {}

  /** One change of one schedule. */
  abstract static class Change extends ClientCommand {
    @Spec CommandSpec spec;

    @Parameters(paramLabel = "NAME", description = "The schedule.")
    private String name;

    Change(StillpointCommand root) {
      super(root);
    }

    @Override
    final int run(StillpointClient client) {
      String answer = change(client.schedules(), name);
      printer().data(Map.of("schedule", name, "answer", answer), List.of(answer));
      return 0;
    }

    /** Returns what was done. */
    abstract String change(Schedules schedules, String name);
  }

  /** Start no backups until it is resumed. */
  @Command(
      name = "pause",
      description = "Start no backups until it is resumed.",
      footerHeading = "%nEXAMPLES%n",
      footer = "  stillpoint schedule pause nightly --reason 'maintenance'")
  static final class Pause extends Change {
    @Option(
        names = "--reason",
        defaultValue = "by stillpoint",
        description = "Shown with the schedule.")
    private String reason = "by stillpoint";

    Pause(StillpointCommand root) {
      super(root);
    }

    @Override
    String change(Schedules schedules, String name) {
      schedules.pause(name, reason);
      return "schedule %s is paused".formatted(name);
    }
  }

  /** Start backups again. */
  @Command(
      name = "resume",
      description = "Start backups again.",
      footerHeading = "%nEXAMPLES%n",
      footer = "  stillpoint schedule resume nightly")
  static final class Resume extends Change {
    @Option(
        names = "--reason",
        defaultValue = "by stillpoint",
        description = "Shown with the schedule.")
    private String reason = "by stillpoint";

    Resume(StillpointCommand root) {
      super(root);
    }

    @Override
    String change(Schedules schedules, String name) {
      schedules.resume(name, reason);
      return "schedule %s is active".formatted(name);
    }
  }

  /** Start a backup now. */
  @Command(
      name = "trigger",
      description = "Start a backup now.",
      footerHeading = "%nEXAMPLES%n",
      footer = "  stillpoint schedule trigger nightly")
  static final class Trigger extends Change {
    Trigger(StillpointCommand root) {
      super(root);
    }

    @Override
    String change(Schedules schedules, String name) {
      schedules.trigger(name);
      return "schedule %s starts a backup".formatted(name);
    }
  }

  /** Delete a schedule; the backups that it made stay. */
  @Command(
      name = "delete",
      description = "Delete a schedule; the backups that it made stay.",
      footerHeading = "%nEXAMPLES%n",
      footer = "  stillpoint schedule delete nightly --yes")
  static final class Delete extends Change {
    @Option(names = "--yes", description = "Really delete it.")
    private boolean yes;

    Delete(StillpointCommand root) {
      super(root);
    }

    @Override
    String change(Schedules schedules, String name) {
      if (!yes) {
        throw new ParameterException(
            spec.commandLine(), "deleting schedule '%s' needs --yes".formatted(name));
      }
      schedules.delete(name);
      return "schedule %s is deleted".formatted(name);
    }
  }
}
