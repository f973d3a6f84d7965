package io.stillpoint.retention;

import java.util.Optional;

/**
 * @param retention absent means the one in the workers' configuration
 * @param dryRun decide only
 */
public record PruneRequest(String cluster, Optional<RetentionPolicy> retention, boolean dryRun) {
  public PruneRequest {
    retention = retention == null ? Optional.empty() : retention;
  }
}
