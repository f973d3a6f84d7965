package io.stillpoint.cli;

import io.stillpoint.client.PruneOutcome;
import io.stillpoint.client.StillpointClient;
import io.stillpoint.retention.PruneRequest;
import io.stillpoint.retention.PruneResult;
import io.stillpoint.retention.RetentionDecision;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Applies retention. */
@Command(
    name = "prune",
    description = {
      "Delete the backups of a cluster that no rule keeps.",
      "",
      "Without rules here, those of the workers' configuration count. The newest good backup, and"
          + " one that a restore uses, are kept by every rule."
    },
    footerHeading = "%nEXAMPLES%n",
    footer = {
      "  stillpoint prune --cluster shop --keep-daily 14 --keep-monthly 12 --dry-run",
      "  stillpoint prune --cluster shop --yes",
      "  stillpoint prune --cluster shop --orphans"
    })
final class PruneCommand extends ClientCommand {
  @Spec private CommandSpec spec;

  @Option(
      names = "--cluster",
      required = true,
      description = "A name in the worker's configuration.")
  private String cluster;

  @Mixin private RetentionOptions rules = new RetentionOptions();

  @Option(names = "--dry-run", description = "Explain what would be kept and deleted, and why.")
  private boolean dryRun;

  @Option(names = "--yes", description = "Really delete.")
  private boolean yes;

  @Option(
      names = "--orphans",
      description = {
        "Show the snapshots in the clouds that belong to no backup, and the volumes that no restore"
            + " needs any more, instead; with --yes delete them."
      })
  private boolean orphans;

  PruneCommand(StillpointCommand root) {
    super(root);
  }

  @Override
  int run(StillpointClient client) {
    if (orphans) {
      return new OrphansView(printer()).show(client.orphans(cluster, yes && !dryRun), yes);
    }
    if (dryRun == yes) {
      throw new ParameterException(
          spec.commandLine(), "deleting cannot be undone, so it needs --dry-run or --yes");
    }
    PruneOutcome outcome = client.prune(new PruneRequest(cluster, rules.policy(), dryRun));
    PruneResult result = outcome.result();
    printer().data(json(outcome), dryRun ? explained(outcome) : List.of(ended(result)));
    result.failures().forEach(f -> printer().progress("not deleted: " + f));
    if (result.remaining() > 0) {
      printer().progress("%d more are left for the next run".formatted(result.remaining()));
    }
    return result.failures().isEmpty() ? 0 : 1;
  }

  private static Map<String, Object> json(PruneOutcome outcome) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("result", outcome.result());
    json.put("decisions", outcome.decisions());
    return json;
  }

  private static String ended(PruneResult result) {
    return "deleted %d backups, %s; kept %d"
        .formatted(result.deleted().size(), Table.size(result.bytes()), result.kept());
  }

  private static List<String> explained(PruneOutcome outcome) {
    Table table = new Table("BACKUP", "POINT", "STATE", "", "WHY");
    for (RetentionDecision decision : outcome.decisions()) {
      table.row(
          decision.entry().backup(),
          Instant.ofEpochSecond(decision.entry().at()),
          decision.entry().state().name().toLowerCase(Locale.ROOT),
          decision.keep() ? "keep" : "delete",
          String.join(", ", decision.reasons()));
    }
    PruneResult result = outcome.result();
    List<String> lines = new ArrayList<>(table.lines());
    lines.add("");
    lines.add("rules: " + result.retention().words());
    lines.add(
        "%d would stay, %d would be deleted, %s"
            .formatted(
                result.kept(),
                outcome.decisions().size() - result.kept(),
                Table.size(result.bytes())));
    return lines;
  }
}
