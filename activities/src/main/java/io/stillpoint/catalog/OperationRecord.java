package io.stillpoint.catalog;

import io.stillpoint.model.BalancerSettings;
import java.time.Instant;
import java.util.Map;

/**
 * What an operation must be able to put back, written before it changes anything, so that it
 * survives the loss of the workflow.
 *
 * @param operation workflow id
 * @param kind backup or restore
 * @param details the operation's own, small
 */
public record OperationRecord(
    String cluster,
    String operation,
    String kind,
    Instant startedAt,
    BalancerSettings balancer,
    Map<String, String> details) {
  public OperationRecord {
    details = details == null ? Map.of() : Map.copyOf(details);
  }
}
