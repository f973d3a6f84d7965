package io.stillpoint.cloud.aws;

import io.stillpoint.cloud.VolumePlacement;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How to reach EBS. Credentials come from the SDK's usual chain, never from here.
 *
 * @param endpoint instead of the region's own
 * @param volumes which volumes each member has
 * @param callTimeout after which the outcome of a call counts as unknown
 * @param lookFor how long to look for a snapshot whose creation had an unknown outcome; the cursor
 *     is held meanwhile
 * @param perVolume least time between two snapshots of one volume; the cloud demands 15 s
 * @param altogether least time between any two calls that create snapshots
 * @param askHosts compare the configured volumes with what the members' agents see; members without
 *     configured volumes are always asked
 * @param copy where finished snapshots are copied to, if they are
 */
public record EbsSettings(
    String region,
    Optional<URI> endpoint,
    List<VolumePlacement> volumes,
    Duration callTimeout,
    Duration lookFor,
    Duration perVolume,
    Duration altogether,
    boolean askHosts,
    Optional<EbsCopySettings> copy) {

  /**
   * @throws StillpointException CONFIGURATION_INVALID if the copies would stay in the region
   */
  public EbsSettings {
    volumes = List.copyOf(volumes);
    if (copy.filter(c -> c.region().equals(region)).isPresent()) {
      throw new StillpointException(
          ErrorCode.CONFIGURATION_INVALID,
          "ebs.copy.region is '%s', which is the region of the snapshots themselves"
              .formatted(region),
          "name another region, or leave copy out");
    }
  }

  /** With the defaults that suit the real cloud. */
  public static EbsSettings of(
      String region, Optional<URI> endpoint, List<VolumePlacement> volumes) {
    return new EbsSettings(
        region,
        endpoint,
        volumes,
        Duration.ofSeconds(30),
        Duration.ofSeconds(30),
        Duration.ofSeconds(15),
        Duration.ofMillis(2),
        false,
        Optional.empty());
  }

  /** With another least time between two cuts, and asking hosts or not. */
  public EbsSettings with(Duration between, boolean hosts) {
    return new EbsSettings(
        region, endpoint, volumes, callTimeout, lookFor, perVolume, between, hosts, copy);
  }

  public EbsSettings withCallTimeout(Duration timeout) {
    return new EbsSettings(
        region, endpoint, volumes, timeout, lookFor, perVolume, altogether, askHosts, copy);
  }

  /** With copies in another region, or none. */
  public EbsSettings with(Optional<EbsCopySettings> elsewhere) {
    return new EbsSettings(
        region,
        endpoint,
        volumes,
        callTimeout,
        lookFor,
        perVolume,
        altogether,
        askHosts,
        elsewhere);
  }
}
