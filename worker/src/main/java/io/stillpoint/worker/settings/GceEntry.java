package io.stillpoint.worker.settings;

import java.net.URI;
import java.util.List;
import java.util.Optional;

/**
 * How this worker reaches Compute Engine. Credentials come from Google's usual chain.
 *
 * @param endpoint instead of Google's own
 * @param storageLocation where snapshots are stored; empty for Google's choice
 */
public record GceEntry(
    String project, Optional<URI> endpoint, String storageLocation, List<VolumeEntry> volumes) {
  public GceEntry {
    volumes = List.copyOf(volumes);
  }
}
