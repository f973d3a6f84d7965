package io.stillpoint.worker.settings;

import io.stillpoint.cloud.MachineMetadata;
import io.stillpoint.command.CommandSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The node agent's part of the configuration.
 *
 * @param snapshotRoot where directory snapshots are written; nothing outside it and the members'
 *     data paths is ever deleted
 * @param parallelCopies how many files one member's copy reads at once
 * @param copyBytesPerSecond how fast one member's copy may read; 0 for as fast as it goes
 * @param machine which machine of a cloud this host is
 * @param command the program for snapshots of type command
 */
public record NodeEntry(
    Path snapshotRoot,
    int parallelCopies,
    long copyBytesPerSecond,
    List<MemberEntry> members,
    List<RouterEntry> routers,
    MachineMetadata machine,
    Optional<CommandSettings> command) {
  public NodeEntry {
    members = List.copyOf(members);
    routers = List.copyOf(routers);
  }
}
