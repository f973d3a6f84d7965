package io.stillpoint.cloud;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Where a node agent mounts the volumes that restores make for one member. What it executes follows
 * from here and from the cloud's own ids, never from a request.
 *
 * @param member host:port as the replica set's configuration writes it
 * @param instance the machine that the agent runs on
 * @param zone where that machine is
 * @param mounts in the order of mounting
 * @param dataDirectory the data path within the mounted volumes
 * @param mount words of the mount command; {@code {device}}, {@code {volume}}, {@code {serial}}
 *     (the volume's id without its hyphen) and {@code {directory}} are replaced
 * @param unmount words of the unmount command; {@code {directory}} is replaced
 * @param limit how long a command may take
 */
public record ContentSettings(
    String member,
    String instance,
    String zone,
    List<Mount> mounts,
    Path dataDirectory,
    List<String> mount,
    List<String> unmount,
    Duration limit) {

  /**
   * @param role which of the member's volumes: data or journal
   * @param device where the volume is attached, as the cloud names it
   * @param directory where it is mounted; used for nothing else
   */
  public record Mount(String role, String device, Path directory) {}

  public ContentSettings {
    mounts = List.copyOf(mounts);
    mount = List.copyOf(mount);
    unmount = List.copyOf(unmount);
  }
}
