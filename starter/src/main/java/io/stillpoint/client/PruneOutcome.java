package io.stillpoint.client;

import io.stillpoint.retention.PruneResult;
import io.stillpoint.retention.RetentionDecision;
import java.util.List;

/**
 * @param decisions one for each backup of the cluster, newest first
 */
public record PruneOutcome(PruneResult result, List<RetentionDecision> decisions) {
  public PruneOutcome {
    decisions = List.copyOf(decisions);
  }
}
