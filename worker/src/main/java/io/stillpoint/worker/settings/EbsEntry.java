package io.stillpoint.worker.settings;

import java.net.URI;
import java.util.List;
import java.util.Optional;

/**
 * How this worker reaches EBS. Credentials come from the AWS SDK's usual chain.
 *
 * @param endpoint instead of the region's own
 */
public record EbsEntry(String region, Optional<URI> endpoint, List<VolumeEntry> volumes) {
  public EbsEntry {
    volumes = List.copyOf(volumes);
  }
}
