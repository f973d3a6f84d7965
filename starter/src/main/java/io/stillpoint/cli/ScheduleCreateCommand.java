package io.stillpoint.cli;

import io.stillpoint.client.BackupSchedule;
import io.stillpoint.client.ScheduleState;
import io.stillpoint.client.StillpointClient;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.policy.Names;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Optional;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes a schedule. */
@Command(
    name = "create",
    description = {
      "Make a schedule of backups.",
      "",
      "With rules of retention its backups bring them along; without, those in the workers'"
          + " configuration count."
    },
    footerHeading = "%nEXAMPLES%n",
    footer = {
      "  stillpoint schedule create nightly --cluster shop --cron '0 2 * * *' --zone Europe/Berlin",
      "  stillpoint schedule create often --cluster shop --every 6h --jitter 10m",
      "  stillpoint schedule create nightly --cluster shop --cron @daily --keep-daily 14"
    })
final class ScheduleCreateCommand extends ClientCommand {
  @Parameters(paramLabel = "NAME", description = "Of the schedule.")
  private String name;

  @Option(
      names = "--cluster",
      required = true,
      description = "A name in the worker's configuration.")
  private String cluster;

  @ArgGroup(multiplicity = "1")
  private When when;

  @Option(
      names = "--zone",
      paramLabel = "ZONE",
      converter = Zones.class,
      description = "Of the cron expression, such as Europe/Berlin (default: UTC).")
  private ZoneId zone = ZoneId.of("UTC");

  @Option(
      names = "--type",
      converter = SnapshotTypes.class,
      completionCandidates = SnapshotTypes.Words.class,
      description = "directory (default), manual, ebs, gce or command.")
  private Optional<SnapshotType> type = Optional.empty();

  @Option(
      names = "--jitter",
      paramLabel = "TIME",
      converter = Durations.class,
      description = "Start up to so much later, by chance (default: 1m).")
  private Duration jitter = BackupSchedule.DEFAULT_JITTER;

  @Option(
      names = "--catch-up",
      paramLabel = "TIME",
      converter = Durations.class,
      description = "Make up for a start that is at most so late (default: 1h).")
  private Duration catchUp = BackupSchedule.DEFAULT_CATCH_UP;

  @Option(
      names = "--copy-deadline",
      paramLabel = "TIME",
      converter = Durations.class,
      description = "How long a copy may take (default: 24h).")
  private Optional<Duration> copyDeadline = Optional.empty();

  @Mixin private RetentionOptions rules = new RetentionOptions();

  @Option(names = "--paused", description = "Start nothing until it is resumed.")
  private boolean paused;

  /** One of the two. */
  static final class When {
    @Option(
        names = "--cron",
        paramLabel = "EXPR",
        description = "Minute, hour, day, month, day of the week.")
    private Optional<String> cron = Optional.empty();

    @Option(
        names = "--every",
        paramLabel = "TIME",
        converter = Durations.class,
        description = "A fixed interval, such as 6h.")
    private Optional<Duration> every = Optional.empty();
  }

  ScheduleCreateCommand(StillpointCommand root) {
    super(root);
  }

  @Override
  int run(StillpointClient client) {
    Names.require("schedule", name);
    // Nobody would see every backup of a misspelt name fail.
    client.requireCluster(cluster);
    client
        .schedules()
        .create(
            new BackupSchedule(
                name,
                cluster,
                type,
                when.cron,
                when.every,
                zone,
                jitter,
                catchUp,
                copyDeadline,
                rules.policy(),
                paused));
    ScheduleState made = client.schedules().describe(name);
    printer().data(made, ScheduleView.of(made));
    return 0;
  }
}
