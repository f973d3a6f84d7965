package io.stillpoint.cloud;

import io.stillpoint.activity.SnapshotActivities.HostDisk;
import io.stillpoint.activity.SnapshotActivities.HostDisks;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.SnapshotType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Finds the disks under a member's data path, wherever parts of it are mounted or linked to. */
public final class DiskDiscovery {

  private static final String DATA = "data";

  private final HostVolumes host;
  private final MachineMetadata metadata;

  public DiskDiscovery(HostVolumes host, MachineMetadata metadata) {
    this.host = host;
    this.metadata = metadata;
  }

  /** Errors: AGENT_REFUSED, VOLUME_UNSUITABLE (the file system hides its disks). */
  public HostDisks disks(Path dataPath, SnapshotType type) {
    Map<Path, String> roles = new LinkedHashMap<>();
    Map<Path, HostVolumes.FileSystem> found = new LinkedHashMap<>();
    note(dataPath, DATA, roles, found);
    for (Path directory : directories(dataPath)) {
      note(directory, directory.getFileName().toString(), roles, found);
    }
    List<HostDisk> disks = new ArrayList<>();
    found.forEach(
        (mountPoint, fileSystem) ->
            fileSystem
                .disks()
                .forEach(
                    disk ->
                        disks.add(
                            new HostDisk(
                                roles.get(mountPoint),
                                mountPoint.toString(),
                                fileSystem.type(),
                                disk.name(),
                                disk.model(),
                                disk.serial(),
                                disk.links()))));
    MachineMetadata.Machine machine = metadata.machine(type);
    return new HostDisks(machine.instance(), machine.zone(), disks);
  }

  private void note(
      Path directory,
      String role,
      Map<Path, String> roles,
      Map<Path, HostVolumes.FileSystem> found) {
    HostVolumes.FileSystem fileSystem = host.holding(directory);
    if (fileSystem.disks().isEmpty()) {
      throw new StillpointException(
          ErrorCode.VOLUME_UNSUITABLE,
          "%s is on a file system of type %s (%s), which does not show its disks"
              .formatted(directory, fileSystem.type(), fileSystem.source()),
          "name the member's volumes in the control workers' configuration, or back it up with"
              + " --type directory");
    }
    roles.putIfAbsent(fileSystem.mountPoint(), role);
    found.putIfAbsent(fileSystem.mountPoint(), fileSystem);
  }

  /** The journal, and with directoryPerDB one for each database; each may be a link or a mount. */
  private static List<Path> directories(Path dataPath) {
    try (Stream<Path> entries = Files.list(dataPath)) {
      return entries.filter(Files::isDirectory).sorted().toList();
    } catch (IOException e) {
      throw new StillpointException(
          ErrorCode.AGENT_REFUSED,
          "data path %s cannot be read: %s".formatted(dataPath, e),
          "run the node agent as the user that owns the data path",
          e);
    }
  }
}
