package io.stillpoint.worker.settings;

import io.stillpoint.cloud.ContentSettings;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How this worker reaches Compute Engine. Credentials come from Google's usual chain.
 *
 * @param endpoint instead of Google's own
 * @param storageLocation where snapshots are stored; empty for Google's choice
 * @param restoreMounts where this host's agent mounts the disks of restores
 * @param betweenCuts least time between two calls that create snapshots
 * @param compareWithHosts ask the agents of members with configured volumes too
 * @param kmsKey encrypts snapshots of disks without a key of the account's; empty for Google's own
 * @param snapshotProject keeps the snapshots; empty for {@code project}
 */
public record GceEntry(
    String project,
    Optional<URI> endpoint,
    String storageLocation,
    List<VolumeEntry> volumes,
    List<ContentSettings> restoreMounts,
    Duration betweenCuts,
    boolean compareWithHosts,
    String kmsKey,
    String snapshotProject) {
  public GceEntry {
    volumes = List.copyOf(volumes);
    restoreMounts = List.copyOf(restoreMounts);
  }
}
