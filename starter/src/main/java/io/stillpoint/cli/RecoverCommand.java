package io.stillpoint.cli;

import io.stillpoint.client.StillpointClient;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.recover.Finding;
import io.stillpoint.recover.Finding.Outcome;
import io.stillpoint.recover.RecoverClusterRequest;
import io.stillpoint.recover.RecoverClusterResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Mends a cluster after an operation that could not clean up. */
@Command(
    name = "recover",
    description = {
      "Mend what an operation left behind that was terminated or died.",
      "",
      "Closes abandoned backup cursors, gives the balancer its saved state back, puts the old data"
          + " back after a restore that was never verified, ends backups that still say RUNNING,"
          + " and deletes snapshots that no manifest records. Refused while an operation runs."
    },
    footerHeading = "%nEXAMPLES%n",
    footer = {
      "  stillpoint recover --cluster shop --dry-run",
      "  stillpoint recover --cluster shop"
    })
final class RecoverCommand extends ClientCommand {
  @Option(names = "--cluster", required = true, description = "The cluster to mend.")
  private String cluster;

  @Option(names = "--dry-run", description = "Show what there is; change nothing.")
  private boolean dryRun;

  @Option(
      names = "--release-old",
      description = "Also delete the data that verified restores replaced and kept.")
  private boolean releaseOld;

  @Option(
      names = "--delete-strays",
      description = "Also delete directory snapshots that the catalog knows nothing of.")
  private boolean deleteStrays;

  RecoverCommand(StillpointCommand root) {
    super(root);
  }

  @Override
  int run(StillpointClient client) {
    RecoverClusterResult result =
        client.recover(
            new RecoverClusterRequest(cluster, dryRun, releaseOld, deleteStrays, Map.of()));
    printer().data(result, lines(result));
    if (result.failed()) {
      long failed = result.findings().stream().filter(RecoverCommand::isFailed).count();
      throw new StillpointException(
          ErrorCode.RECOVERY_INCOMPLETE,
          "%d of %d things on cluster '%s' could not be mended"
              .formatted(failed, result.findings().size(), cluster),
          "put right what the lines above say, then: stillpoint recover --cluster " + cluster);
    }
    return 0;
  }

  private static boolean isFailed(Finding finding) {
    return finding.outcome() == Outcome.FAILED;
  }

  private List<String> lines(RecoverClusterResult result) {
    if (result.findings().isEmpty()) {
      return List.of("nothing was left behind on cluster '%s'".formatted(cluster));
    }
    List<String> lines = new ArrayList<>();
    for (Finding f : result.findings()) {
      lines.add(
          "%-10s %-8s %s"
              .formatted(
                  f.outcome().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                  f.kind().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                  f.line()));
    }
    return lines;
  }
}
