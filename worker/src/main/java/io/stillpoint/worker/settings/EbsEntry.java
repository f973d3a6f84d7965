package io.stillpoint.worker.settings;

import io.stillpoint.cloud.ContentSettings;
import io.stillpoint.cloud.aws.EbsCopySettings;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How this worker reaches EBS. Credentials come from the AWS SDK's usual chain.
 *
 * @param endpoint instead of the region's own
 * @param restoreMounts where this host's agent mounts the volumes of restores
 * @param betweenCuts least time between two calls that create snapshots
 * @param compareWithHosts ask the agents of members with configured volumes too
 * @param copy where finished snapshots are copied to
 */
public record EbsEntry(
    String region,
    Optional<URI> endpoint,
    List<VolumeEntry> volumes,
    List<ContentSettings> restoreMounts,
    Duration betweenCuts,
    boolean compareWithHosts,
    Optional<EbsCopySettings> copy) {
  public EbsEntry {
    volumes = List.copyOf(volumes);
    restoreMounts = List.copyOf(restoreMounts);
  }
}
