package io.stillpoint.sandbox.faults;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A file system of its own, in memory, that can be filled to the last byte. */
final class SmallDisk implements AutoCloseable {

  private static final int CHUNK = 1 << 16;

  private final Path mount;
  private final Thread unmountAtExit = new Thread(this::unmount, "unmount");
  private boolean mounted;

  private SmallDisk(Path mount, boolean mounted) {
    this.mount = mount;
    this.mounted = mounted;
    Runtime.getRuntime().addShutdownHook(unmountAtExit);
  }

  /**
   * Over an empty directory; an ordinary one where this user may not mount.
   *
   * @param megabytes 0 for an ordinary one in any case
   */
  static SmallDisk mount(Path directory, int megabytes) {
    boolean mounted =
        megabytes > 0
            && System.getProperty("user.name").equals("root")
            && run(
                List.of(
                    "mount",
                    "-t",
                    "tmpfs",
                    "-o",
                    "size=" + megabytes + "m",
                    "tmpfs",
                    "" + directory));
    return new SmallDisk(directory, mounted);
  }

  /** Whether it is one, and not just a directory of a large disk. */
  boolean isSmall() {
    return mounted;
  }

  /** Leaves no space at all. */
  void fill() {
    if (!mounted) {
      throw new IllegalStateException(mount + " is no file system of its own");
    }
    byte[] zeros = new byte[CHUNK];
    try (OutputStream out = Files.newOutputStream(filler())) {
      while (true) {
        out.write(zeros);
      }
    } catch (IOException e) {
      if (mount.toFile().getUsableSpace() > CHUNK) {
        throw new UncheckedIOException(e);
      }
    }
  }

  void free() {
    try {
      Files.deleteIfExists(filler());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path filler() {
    return mount.resolve("filler");
  }

  private synchronized void unmount() {
    if (mounted) {
      mounted = !run(List.of("umount", "--lazy", mount.toString()));
    }
  }

  private static boolean run(List<String> command) {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Override
  public void close() {
    unmount();
    Runtime.getRuntime().removeShutdownHook(unmountAtExit);
  }
}
