package io.stillpoint.cli;

import io.stillpoint.activity.RecoveryActivities.Unfinished;
import io.stillpoint.cli.StatusCommand.RecoveryNeeded;
import io.stillpoint.client.StillpointClient;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.OperationStatus;
import io.stillpoint.restore.RestoreDescription;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
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
    List<String> lines = new ArrayList<>(RestoreView.of(now));
    if (now.status() == OperationStatus.FAILED || now.status() == OperationStatus.CANCELLED) {
      lines.addAll(unfinished(client, now));
    }
    printer().data(now, lines);
    return 0;
  }

  /**
   * Its mark in the catalog says whether anything is left of it, whatever became of its workflow.
   */
  private static List<String> unfinished(StillpointClient client, RestoreDescription restore) {
    try {
      return client.unfinished(Optional.of(restore.cluster()).filter(c -> !c.isEmpty())).stream()
          .filter(Unfinished::needsRecovery)
          .filter(u -> u.restore().equals(restore.restore()))
          .map(RecoveryNeeded::of)
          .flatMap(r -> Stream.concat(Stream.of(""), r.lines().stream()))
          .toList();
    } catch (StillpointException e) {
      return List.of("", "note: whether it left anything is not known: " + e.getMessage());
    }
  }
}
