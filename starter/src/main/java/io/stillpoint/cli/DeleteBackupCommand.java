package io.stillpoint.cli;

import io.stillpoint.client.StillpointClient;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Deletes a backup. */
@Command(
    name = "delete-backup",
    description = "Delete a backup's snapshots, then its record. This cannot be undone.",
    footerHeading = "%nEXAMPLES%n",
    footer = "  stillpoint delete-backup shop-20261122T101500Z --yes")
final class DeleteBackupCommand extends ClientCommand {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "NAME", description = "The backup.")
  private String name;

  @Option(names = "--yes", description = "Really delete it.")
  private boolean yes;

  DeleteBackupCommand(StillpointCommand root) {
    super(root);
  }

  @Override
  int run(StillpointClient client) {
    if (!yes) {
      throw new ParameterException(
          spec.commandLine(),
          "deleting backup '%s' cannot be undone, so it needs --yes".formatted(name));
    }
    String answer = client.deleteBackup(name);
    printer().data(Map.of("backup", name, "answer", answer), List.of(answer));
    return 0;
  }
}
