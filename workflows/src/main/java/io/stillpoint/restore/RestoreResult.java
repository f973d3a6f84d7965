package io.stillpoint.restore;

import io.stillpoint.model.ClusterTime;
import java.util.List;
import java.util.Optional;

/**
 * @param consistentPoint the point that every set was proven to be at; absent for a dry run
 * @param downMillis from the first member stopped until the last set was writable and settled
 */
public record RestoreResult(
    String restore,
    String backup,
    Optional<ClusterTime> consistentPoint,
    List<String> plan,
    long downMillis) {
  public RestoreResult {
    plan = List.copyOf(plan);
  }
}
