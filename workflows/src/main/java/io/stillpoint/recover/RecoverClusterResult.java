package io.stillpoint.recover;

import io.stillpoint.recover.Finding.Outcome;
import java.util.List;

/** What was found on a cluster; nothing if its operations left nothing behind. */
public record RecoverClusterResult(String cluster, boolean dryRun, List<Finding> findings) {
  public RecoverClusterResult {
    findings = List.copyOf(findings);
  }

  public boolean failed() {
    return findings.stream().anyMatch(f -> f.outcome() == Outcome.FAILED);
  }
}
