package io.stillpoint.cloud;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Where and how a node agent mounts the volumes that restores make for one member. What it executes
 * follows from here and from the cloud's own ids, never from a request.
 *
 * @param member host:port as the replica set's configuration writes it
 * @param instance the machine that the agent runs on
 * @param zone where that machine is
 * @param mounts in the order of mounting
 * @param dataDirectory the data path within the volumes while they are mounted aside
 * @param mount words of the mount command; {@code {device}}, {@code {volume}}, {@code {serial}}
 *     (the volume's id without its hyphen) and {@code {directory}} are replaced
 * @param unmount words of the unmount command; {@code {directory}} is replaced
 * @param limit how long a command may take
 * @param volume what new volumes should be
 * @param exchange present if the new volumes shall take the places of the live ones; else their
 *     files are copied and the volumes deleted
 */
public record ContentSettings(
    String member,
    String instance,
    String zone,
    List<Mount> mounts,
    Path dataDirectory,
    List<String> mount,
    List<String> unmount,
    Duration limit,
    VolumeOptions volume,
    Optional<Exchange> exchange) {

  /**
   * @param role which of the member's volumes: data or journal
   * @param devices where the volume may be attached, as the cloud names it; the first free one is
   *     taken
   * @param directory where it is mounted aside; used for nothing else
   */
  public record Mount(String role, List<String> devices, Path directory) {
    public Mount {
      devices = List.copyOf(devices);
    }
  }

  /**
   * @param stateDirectory keeps how far a restore has come; on none of the exchanged volumes
   * @param live where the volumes are mounted when the member runs, one for each of the mounts
   * @param identify words of a command that prints the id of the volume mounted on {@code
   *     {directory}}, or nothing; empty to find it in the kernel's tables
   * @param deleteReplaced replaced volumes are deleted when they are released, not only detached
   */
  public record Exchange(
      Path stateDirectory, List<Path> live, List<String> identify, boolean deleteReplaced) {
    public Exchange {
      live = List.copyOf(live);
      identify = List.copyOf(identify);
    }
  }

  public ContentSettings {
    mounts = List.copyOf(mounts);
    mount = List.copyOf(mount);
    unmount = List.copyOf(unmount);
  }

  /** The roles that the member has a place for. */
  List<String> roles() {
    return mounts.stream().map(Mount::role).toList();
  }
}
