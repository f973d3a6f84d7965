package io.stillpoint.backup;

import io.stillpoint.retention.RetentionPolicy;
import java.util.List;

/**
 * What the worker that began a backup was configured with. It is recorded once and counts for the
 * whole backup, whoever goes on with it.
 *
 * @param searchAttributes whether the namespace knows ours
 * @param webhooks names of those that are to hear of the backup
 * @param retention of the cluster
 */
record WorkerConfiguration(
    boolean searchAttributes, List<String> webhooks, RetentionPolicy retention) {
  WorkerConfiguration {
    webhooks = List.copyOf(webhooks);
  }
}
