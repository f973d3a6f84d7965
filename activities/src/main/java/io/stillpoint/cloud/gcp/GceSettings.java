package io.stillpoint.cloud.gcp;

import io.stillpoint.cloud.VolumePlacement;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How to reach Compute. Credentials come from Google's usual chain, never from here.
 *
 * @param endpoint instead of Google's own
 * @param volumes which disks each member has; their zones are required
 * @param storageLocation where snapshots are stored; empty for Google's choice. Cannot be changed
 *     later
 * @param callTimeout after which the outcome of a call counts as unknown
 * @param lookFor how long to look for a snapshot whose creation had an unknown outcome; the cursor
 *     is held meanwhile
 * @param fixing how long a snapshot may take until its content is fixed
 * @param altogether least time between any two calls that create snapshots
 * @param askHosts compare the configured volumes with what the members' agents see; members without
 *     configured volumes are always asked
 * @param kmsKey encrypts the snapshots of disks that have no key of the account's; empty for
 *     Google's own
 * @param snapshotProject keeps the snapshots; empty for the disks' own project. Another one keeps
 *     them out of reach of whoever can delete the disks
 */
public record GceSettings(
    String project,
    Optional<URI> endpoint,
    List<VolumePlacement> volumes,
    String storageLocation,
    Duration callTimeout,
    Duration lookFor,
    Duration fixing,
    Duration altogether,
    boolean askHosts,
    String kmsKey,
    String snapshotProject) {

  public GceSettings {
    snapshotProject = snapshotProject.isEmpty() ? project : snapshotProject;
    volumes = List.copyOf(volumes);
  }

  /** With the defaults that suit the real cloud. */
  public static GceSettings of(
      String project, Optional<URI> endpoint, List<VolumePlacement> volumes) {
    return new GceSettings(
        project,
        endpoint,
        volumes,
        "",
        Duration.ofSeconds(30),
        Duration.ofSeconds(30),
        Duration.ofMinutes(5),
        Duration.ofMillis(2),
        false,
        "",
        "");
  }

  public GceSettings withCallTimeout(Duration timeout) {
    return new GceSettings(
        project,
        endpoint,
        volumes,
        storageLocation,
        timeout,
        lookFor,
        fixing,
        altogether,
        askHosts,
        kmsKey,
        snapshotProject);
  }
}
