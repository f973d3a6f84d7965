package io.stillpoint.cloud;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Which disks carry a directory of this host, by the kernel's own tables: mountinfo, and sysfs from
 * the file system's device through partitions, LVM, RAID and encryption down to the disks. Needs no
 * root.
 */
public final class HostVolumes {

  private static final int DEEPEST = 16;

  private final Path proc;
  private final Path sys;
  private final Path dev;

  /**
   * A whole disk.
   *
   * @param name the kernel's, such as nvme1n1
   * @param model and {@code serial}: as the disk itself tells them, else empty
   * @param links names under /dev/disk/by-id
   */
  public record Disk(String name, String model, String serial, List<String> links) {
    public Disk {
      links = List.copyOf(links);
    }
  }

  /**
   * @param mountPoint where it is mounted
   * @param disks empty if the file system does not say which device it is on
   */
  public record FileSystem(Path mountPoint, String type, String source, List<Disk> disks) {
    public FileSystem {
      disks = List.copyOf(disks);
    }
  }

  /** One line of mountinfo. */
  private record Mount(Path point, String device, String type, String source) {}

  public HostVolumes() {
    this(Path.of("/proc"), Path.of("/sys"), Path.of("/dev"));
  }

  /** With other roots, for tests. */
  public HostVolumes(Path proc, Path sys, Path dev) {
    this.proc = proc;
    this.sys = sys;
    this.dev = dev;
  }

  /** The file system that a directory lies on; the path may lead through links. */
  public FileSystem holding(Path directory) {
    try {
      Path real = directory.toRealPath();
      Mount mount =
          mounts().stream()
              .filter(m -> real.startsWith(m.point()))
              .reduce((a, b) -> b.point().getNameCount() >= a.point().getNameCount() ? b : a)
              .orElseThrow(() -> refused("nothing is known to be mounted above " + real, null));
      return fileSystem(mount);
    } catch (IOException e) {
      throw refused("the disks under %s cannot be found: %s".formatted(directory, e), e);
    }
  }

  /** The file system that is mounted on exactly this directory. */
  public Optional<FileSystem> mountedOn(Path directory) {
    try {
      Path point = Files.exists(directory) ? directory.toRealPath() : directory;
      Optional<Mount> mount =
          mounts().stream().filter(m -> m.point().equals(point)).reduce((a, b) -> b);
      return mount.isEmpty() ? Optional.empty() : Optional.of(fileSystem(mount.get()));
    } catch (IOException e) {
      throw refused("the disks under %s cannot be found: %s".formatted(directory, e), e);
    }
  }

  private FileSystem fileSystem(Mount mount) throws IOException {
    TreeMap<String, Disk> disks = new TreeMap<>();
    Path device = sys.resolve("dev/block").resolve(mount.device());
    // Device numbers of file systems like Btrfs and ZFS name no device.
    if (!mount.device().startsWith("0:") && Files.exists(device)) {
      collect(device.toRealPath(), disks, 0);
    }
    return new FileSystem(mount.point(), mount.type(), mount.source(), List.copyOf(disks.values()));
  }

  private void collect(Path device, TreeMap<String, Disk> disks, int depth) throws IOException {
    if (depth > DEEPEST) {
      throw new IOException("devices are stacked more than %d deep".formatted(DEEPEST));
    }
    if (Files.exists(device.resolve("partition"))) {
      collect(device.getParent(), disks, depth + 1);
      return;
    }
    List<Path> below = entries(device.resolve("slaves"));
    for (Path slave : below) {
      collect(slave.toRealPath(), disks, depth + 1);
    }
    if (below.isEmpty()) {
      String name = device.getFileName().toString();
      disks.put(
          name,
          new Disk(
              name,
              text(device.resolve("device/model")),
              text(device.resolve("device/serial")),
              links(name)));
    }
  }

  private List<String> links(String disk) throws IOException {
    List<String> names = new ArrayList<>();
    for (Path link : entries(dev.resolve("disk/by-id"))) {
      if (Files.isSymbolicLink(link)
          && Files.readSymbolicLink(link).getFileName().toString().equals(disk)) {
        names.add(link.getFileName().toString());
      }
    }
    return names;
  }

  private List<Mount> mounts() throws IOException {
    List<Mount> mounts = new ArrayList<>();
    for (String line : Files.readAllLines(proc.resolve("self/mountinfo"))) {
      String[] fields = line.split(" ");
      int dash = List.of(fields).indexOf("-");
      if (dash > 5 && fields.length > dash + 2) {
        mounts.add(
            new Mount(
                Path.of(unescaped(fields[4])),
                fields[2],
                fields[dash + 1],
                unescaped(fields[dash + 2])));
      }
    }
    return mounts;
  }

  private static List<Path> entries(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.sorted().toList();
    }
  }

  private static String text(Path file) throws IOException {
    return Files.isReadable(file) ? Files.readString(file).strip() : "";
  }

  /** The kernel writes space, tab, newline and backslash as octal numbers. */
  private static String unescaped(String field) {
    return field
        .replace("\\040", " ")
        .replace("\\011", "\t")
        .replace("\\012", "\n")
        .replace("\\134", "\\");
  }

  private static StillpointException refused(String what, IOException cause) {
    return new StillpointException(
        ErrorCode.AGENT_REFUSED,
        what,
        "name the member's volumes in the worker's configuration instead",
        cause);
  }
}
