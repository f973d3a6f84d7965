package io.stillpoint.directory;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.storage.LiveTreeVisitor;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/** A member's data directory, as the agent's configuration names it. */
public record DataPath(Path path) {

  /** Where a restore keeps its things; never part of the data. */
  public static final String RESTORES = ".stillpoint";

  /**
   * Refuses if the server says that its data is somewhere else on this host. A path that this host
   * does not have is that of a container, and proves nothing.
   */
  public void requireSameAs(String reported, String member) {
    Path other = Path.of(reported);
    try {
      if (!Files.isDirectory(path)) {
        throw new StillpointException(
            ErrorCode.AGENT_REFUSED,
            "data path %s of member %s does not exist on this host".formatted(path, member),
            "correct data-path in the node agent's configuration");
      }
      if (other.isAbsolute() && Files.isDirectory(other) && !Files.isSameFile(path, other)) {
        throw new StillpointException(
            ErrorCode.AGENT_REFUSED,
            "member %s has its data in %s, the node agent is configured with %s"
                .formatted(member, other, path),
            "correct data-path in the node agent's configuration");
      }
    } catch (IOException e) {
      throw unreadable(path, e);
    }
  }

  /** Bytes of all files, links to directories followed, restores' remains left out. */
  public long bytes() {
    AtomicLong sum = new AtomicLong();
    try (Stream<Path> entries = Files.list(path)) {
      for (Path entry : entries.toList()) {
        if (!entry.getFileName().toString().equals(RESTORES)) {
          Path start = Files.isDirectory(entry) ? entry.toRealPath() : entry;
          Files.walkFileTree(start, new Summing(sum));
        }
      }
      return sum.get();
    } catch (IOException e) {
      throw unreadable(path, e);
    }
  }

  /** Directories in the data path that are links, such as a journal on another volume. */
  public List<Path> links() {
    try (Stream<Path> entries = Files.list(path)) {
      return entries.filter(Files::isSymbolicLink).sorted().toList();
    } catch (IOException e) {
      throw unreadable(path, e);
    }
  }

  private static StillpointException unreadable(Path path, IOException e) {
    return new StillpointException(
        ErrorCode.AGENT_REFUSED,
        "data path %s cannot be read: %s".formatted(path, e),
        "run the node agent as the user that owns the data path",
        e);
  }

  /** Files come and go under a running server; one that is gone has no size. */
  private static final class Summing extends LiveTreeVisitor {
    private final AtomicLong sum;

    Summing(AtomicLong sum) {
      this.sum = sum;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      sum.addAndGet(attributes.size());
      return FileVisitResult.CONTINUE;
    }
  }
}
