package io.stillpoint.storage;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Makes everything that was written to a file system durable in one call, which for thousands of
 * small files takes a fraction of the time of as many single ones.
 */
public final class FileSystemSync {

  private static final Pattern RELEASE = Pattern.compile("(\\d+)\\.(\\d+).*");

  private FileSystemSync() {}

  /**
   * @return false if it failed or cannot be relied on here: then each file has to be made durable
   *     by itself. Linux reports lost writes from syncfs since 5.8 only.
   */
  public static boolean sync(Path directory) throws IOException {
    if (!reportsErrors()) {
      return false;
    }
    Process sync;
    try {
      sync =
          new ProcessBuilder("sync", "-f", directory.toString())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
    } catch (IOException e) {
      // No such program here.
      return false;
    }
    try {
      sync.getOutputStream().close();
      if (!sync.waitFor(30, TimeUnit.MINUTES)) {
        sync.destroyForcibly();
        return false;
      }
      return sync.exitValue() == 0;
    } catch (InterruptedException e) {
      sync.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while syncing " + directory, e);
    }
  }

  private static boolean reportsErrors() {
    Matcher release = RELEASE.matcher(System.getProperty("os.version"));
    if (!System.getProperty("os.name").equals("Linux") || !release.matches()) {
      return false;
    }
    int major = Integer.parseInt(release.group(1));
    return major > 5 || major == 5 && Integer.parseInt(release.group(2)) >= 8;
  }
}
