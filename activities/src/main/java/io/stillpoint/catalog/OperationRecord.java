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
 * @param details the operation's own, small; {@link #RUN} among them
 */
public record OperationRecord(
    String cluster,
    String operation,
    String kind,
    Instant startedAt,
    BalancerSettings balancer,
    Map<String, String> details) {
  /** The detail that names the run which recorded it; absent in records of older builds. */
  public static final String RUN = "run";

  public OperationRecord {
    details = details == null ? Map.of() : Map.copyOf(details);
  }

  /** The run which recorded it, empty if that is not known. A reset run is another one. */
  public String recordedBy() {
    return details.getOrDefault(RUN, "");
  }
}
