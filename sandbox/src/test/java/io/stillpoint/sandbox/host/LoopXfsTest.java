package io.stillpoint.sandbox.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillpoint.directory.CopyMethod;
import io.stillpoint.error.StillpointException;
import io.stillpoint.sandbox.load.ExpectedDocuments;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real mount: an XFS with reflink in a file, where a cut of the data shares its blocks. */
class LoopXfsTest {

  private static final long BYTES = 1L << 30;

  @TempDir Path temp;
  private Path mount;
  private boolean mounted;

  @BeforeEach
  void mountXfs() throws IOException {
    Assumptions.assumeTrue(
        Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid")),
        "not root, so no loop device can be mounted: reflinks on XFS are not tested");
    Assumptions.assumeTrue(
        onPath("mkfs.xfs") && onPath("losetup") && run(List.of("losetup", "-f")) == 0,
        "no mkfs.xfs (xfsprogs) or no free loop device: reflinks on XFS are not tested");
    Path image = temp.resolve("xfs.img");
    try (var file = new java.io.RandomAccessFile(image.toFile(), "rw")) {
      file.setLength(BYTES);
    }
    mount = Files.createDirectories(temp.resolve("xfs"));
    assertThat(run(List.of("mkfs.xfs", "-q", "-m", "reflink=1", image.toString()))).isZero();
    Assumptions.assumeTrue(
        run(List.of("mount", "-o", "loop", image.toString(), mount.toString())) == 0,
        "this kernel mounts no XFS on a loop device: reflinks on XFS are not tested");
    mounted = true;
  }

  @AfterEach
  void unmount() throws IOException {
    if (mounted) {
      assertThat(run(List.of("umount", mount.toString()))).isZero();
    }
  }

  @Test
  void shouldCutByReflinkAndRestoreToThePoint() throws IOException {
    try (BackedUpReplicaSet set = BackedUpReplicaSet.start(mount.resolve("set"))) {
      assertThat(CopyMethod.between(set.members().get(2).dbPath(), set.snapshot()))
          .isEqualTo(CopyMethod.REFLINK);
      System.out.printf(
          "reflink on XFS: %d files, %d bytes cut in %d ms%n",
          set.part().files().files(), set.part().files().bytes(), set.cutTook().toMillis());
      ExpectedDocuments expected = set.expectedAtPoint();
      set.writeMore();
      assertThat(set.compareNow(expected).identical()).isFalse();

      set.restoreEverywhere("loop");

      assertThat(set.compareNow(expected).identical()).isTrue();
      // Connections from before the restart end with an error that activities are tried again for.
      Awaitility.await()
          .ignoreExceptionsMatching(e -> e instanceof StillpointException s && s.code().retryable())
          .untilAsserted(set::requireEndPoint);
    }
  }

  private static boolean onPath(String program) {
    return Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
  }

  private static int run(List<String> command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (!process.waitFor(1, TimeUnit.MINUTES)) {
        process.destroyForcibly();
        throw new IOException(command + " did not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    if (process.exitValue() != 0) {
      System.out.printf("%s: %s%n", command, said.strip());
    }
    return process.exitValue();
  }
}
