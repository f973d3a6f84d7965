package io.stillpoint.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GuardedDirectoryTest {

  @TempDir private Path temp;
  private Path root;
  private Path outside;
  private GuardedDirectory guarded;

  @BeforeEach
  void make() throws IOException {
    root = Files.createDirectories(temp.resolve("root"));
    outside = Files.createDirectories(temp.resolve("outside"));
    Files.writeString(outside.resolve("precious"), "x");
    guarded = new GuardedDirectory(root);
  }

  @Test
  void shouldDeleteATreeAndNotWhatItsLinksPointTo() throws IOException {
    Path tree = Files.createDirectories(root.resolve("a/b"));
    Files.writeString(tree.resolve("file"), "x");
    Files.createSymbolicLink(tree.resolve("link"), outside);

    guarded.delete(root.resolve("a"));
    guarded.delete(root.resolve("a"));

    assertThat(root).isEmptyDirectory();
    assertThat(outside.resolve("precious")).exists();
  }

  @Test
  void shouldRefuseWhatLiesElsewhere() throws IOException {
    Files.createSymbolicLink(root.resolve("door"), outside);

    refuses(() -> guarded.delete(outside));
    refuses(() -> guarded.delete(Path.of("/")));
    refuses(() -> guarded.delete(root));
    refuses(() -> guarded.delete(root.resolve("../outside")));
    refuses(() -> guarded.delete(root.resolve("x/../../outside")));
    refuses(() -> guarded.delete(root.resolve("door/precious")));
    refuses(() -> guarded.delete(Path.of("../outside/precious")));
    refuses(() -> guarded.delete(temp.resolve("root-sibling")));
    assertThat(outside.resolve("precious")).exists();
  }

  @Test
  void shouldDeleteALinkInsteadOfItsTarget() throws IOException {
    Path door = Files.createSymbolicLink(root.resolve("door"), outside);

    guarded.delete(door);

    assertThat(door).doesNotExist();
    assertThat(outside.resolve("precious")).exists();
  }

  @Test
  void shouldRefuseToGuardTheRootOfTheFileSystem() throws IOException {
    refuses(() -> new GuardedDirectory(Path.of("/")));
    Path link = Files.createSymbolicLink(temp.resolve("slash"), Path.of("/"));
    refuses(() -> new GuardedDirectory(link));
    refuses(() -> new GuardedDirectory(temp.resolve("missing")));
  }

  @Test
  void shouldRefuseATreeInWhichSomethingIsMounted() throws IOException {
    Path file = Files.createDirectories(root.resolve("tree/disk one")).resolve("precious");
    Files.writeString(file, "x");
    Path mounts = temp.resolve("mountinfo");
    String escaped = file.getParent().toString().replace(" ", "\\040");
    Files.writeString(mounts, "36 35 98:0 / %s rw - xfs /dev/sdf rw%n".formatted(escaped));
    GuardedDirectory withMount = new GuardedDirectory(root, mounts);

    refuses(() -> withMount.delete(root.resolve("tree")));
    refuses(() -> withMount.delete(file.getParent()));
    assertThat(file).exists();
  }

  @Test
  void shouldSeeMountsBelowADirectory() throws IOException {
    assertThat(GuardedDirectory.hasMountBelow(Path.of("/")))
        .isEqualTo(Files.exists(Path.of("/proc/self/mountinfo")));
    assertThat(GuardedDirectory.hasMountBelow(root)).isFalse();
  }

  private static void refuses(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StillpointException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.AGENT_REFUSED));
  }
}
