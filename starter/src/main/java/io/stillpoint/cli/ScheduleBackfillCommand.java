package io.stillpoint.cli;

import io.stillpoint.client.StillpointClient;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes up for starts that were planned in the past. */
@Command(
    name = "backfill",
    description = {
      "Make up for the starts that were planned in a time that is over.",
      "",
      "They run one after another. Each backs up the cluster as it is then: the past cannot be"
          + " backed up any more."
    },
    footerHeading = "%nEXAMPLES%n",
    footer = {
      "  stillpoint schedule backfill nightly --from 2026-11-21T00:00:00Z"
          + " --to 2026-11-22T00:00:00Z"
    })
final class ScheduleBackfillCommand extends ClientCommand {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "NAME", description = "The schedule.")
  private String name;

  @Option(names = "--from", required = true, paramLabel = "TIME", description = "In UTC.")
  private Instant from;

  @Option(names = "--to", required = true, paramLabel = "TIME", description = "In UTC.")
  private Instant to;

  ScheduleBackfillCommand(StillpointCommand root) {
    super(root);
  }

  @Override
  int run(StillpointClient client) {
    if (!from.isBefore(to)) {
      throw new ParameterException(
          spec.commandLine(), "--from is %s, but --to is %s".formatted(from, to));
    }
    client.schedules().backfill(name, from, to);
    printer()
        .data(
            Map.of("schedule", name, "from", from, "to", to),
            List.of("schedule %s makes up for %s to %s".formatted(name, from, to)));
    return 0;
  }
}
