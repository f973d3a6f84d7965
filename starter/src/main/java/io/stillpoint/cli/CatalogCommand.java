package io.stillpoint.cli;

import io.stillpoint.activity.InventoryActivities.FoundBackup;
import io.stillpoint.activity.InventoryActivities.RebuildReport;
import io.stillpoint.client.StillpointClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Groups what is done to the catalog itself. */
@Command(
    name = "catalog",
    description = "Work on the catalog itself.",
    synopsisSubcommandLabel = "COMMAND",
    footerHeading = "%nEXAMPLES%n",
    footer = "  stillpoint catalog rebuild --cluster shop --dry-run")
final class CatalogCommand implements Runnable {
  @Spec private CommandSpec spec;

  private CatalogCommand() {}

  static CommandLine line(StillpointCommand root) {
    return new CommandLine(new CatalogCommand()).addSubcommand(new Rebuild(root));
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a command is missing");
  }

  /** Recreates manifests from the clouds. */
  @Command(
      name = "rebuild",
      description = {
        "Make the manifests of a cluster's cloud backups anew from what the snapshots' tags and"
            + " labels say.",
        "",
        "Manifests that are in the catalog are left alone. The lists of files are not in the cloud:"
            + " without them a backup can only be restored by volumes."
      },
      footerHeading = "%nEXAMPLES%n",
      footer = {
        "  stillpoint catalog rebuild --cluster shop --dry-run",
        "  stillpoint catalog rebuild --cluster shop"
      })
  static final class Rebuild extends ClientCommand {

    @Option(names = "--cluster", required = true, description = "The cluster's name.")
    private String cluster;

    @Option(names = "--dry-run", description = "Say only what would be made.")
    private boolean dryRun;

    Rebuild(StillpointCommand root) {
      super(root);
    }

    @Override
    int run(StillpointClient client) {
      RebuildReport report = client.rebuildCatalog(cluster, dryRun);
      printer().data(report, lines(report));
      if (report.backups().isEmpty()) {
        printer().progress("the clouds hold no snapshot of cluster '%s'".formatted(cluster));
      }
      return 0;
    }

    private List<String> lines(RebuildReport report) {
      Table table = new Table("BACKUP", "TYPE", dryRun ? "WOULD BE" : "", "WHY");
      for (FoundBackup backup : report.backups()) {
        table.row(
            backup.backup(),
            backup.type().word(),
            backup.outcome().name().toLowerCase(Locale.ROOT),
            backup.why());
      }
      List<String> lines = new ArrayList<>(table.lines());
      if (report.more() > 0) {
        lines.add("and %d more".formatted(report.more()));
      }
      return lines;
    }
  }
}
