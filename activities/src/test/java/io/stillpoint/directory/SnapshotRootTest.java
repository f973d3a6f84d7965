package io.stillpoint.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.model.SnapshotRef;
import io.stillpoint.provider.ProgressListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Links below a snapshot root, and what others put there. */
class SnapshotRootTest extends DirectorySnapshots {

  private Path victim;

  @BeforeEach
  void makeVictim() throws IOException {
    victim = Files.createDirectories(temp.resolve("victim"));
    Files.writeString(victim.resolve("WiredTiger"), "precious");
  }

  @Test
  void shouldWriteNothingThroughALinkAtTheBackup() throws IOException {
    Path own = Files.createDirectories(victim.resolve("s0-1"));
    Files.writeString(own.resolve("WiredTiger"), "precious");
    Files.createSymbolicLink(root.resolve("b"), victim);

    assertCode(
        () -> provider.cut(request(1, "c1", list()), ProgressListener.NONE),
        ErrorCode.AGENT_REFUSED);
    assertCode(() -> provider.delete(delete(1)), ErrorCode.AGENT_REFUSED);

    assertThat(files(victim)).containsExactly("WiredTiger", "s0-1/WiredTiger");
    assertThat(own.resolve("WiredTiger")).hasContent("precious");
  }

  @Test
  void shouldWriteNothingThroughALinkAtTheSnapshot() throws IOException {
    Files.createDirectories(root.resolve("b"));
    Files.createSymbolicLink(root.resolve("b/s0-1"), victim);

    assertCode(
        () -> provider.cut(request(1, "c1", list()), ProgressListener.NONE),
        ErrorCode.AGENT_REFUSED);
    assertCode(() -> provider.delete(delete(1)), ErrorCode.AGENT_REFUSED);

    assertThat(files(victim)).containsExactly("WiredTiger");
    assertThat(victim.resolve("WiredTiger")).hasContent("precious");
  }

  @Test
  void shouldWriteNothingThroughALinkThatStaysWithinTheRoot() throws IOException {
    Path other = Files.createDirectories(root.resolve("other/s0-1"));
    Files.createSymbolicLink(root.resolve("b"), root.resolve("other"));

    assertCode(
        () -> provider.cut(request(1, "c1", list()), ProgressListener.NONE),
        ErrorCode.AGENT_REFUSED);

    assertThat(files(other)).isEmpty();
  }

  @Test
  void shouldWriteNothingThroughALinkWithinTheSnapshot() throws IOException {
    Files.createDirectories(root.resolve("b/s0-1"));
    Files.createSymbolicLink(root.resolve("b/s0-1/journal"), victim);

    assertThatThrownBy(() -> provider.cut(request(1, "c1", list()), ProgressListener.NONE))
        .hasMessageContaining("b/s0-1/journal")
        .hasMessageContaining("symbolic link");

    assertThat(files(victim)).containsExactly("WiredTiger");
  }

  @Test
  void shouldNotSayThatASnapshotIsDeletedWhichSomebodyMadeALink() throws IOException {
    List<SnapshotRef> cut = provider.cut(request(1, "c1", list()), ProgressListener.NONE);
    Files.move(root.resolve("b/s0-1"), temp.resolve("moved"));
    Files.createSymbolicLink(root.resolve("b/s0-1"), temp.resolve("moved"));

    assertCode(() -> provider.discard("shop", "b", cut), ErrorCode.AGENT_REFUSED);

    assertThat(temp.resolve("moved/WiredTiger")).exists();
  }

  @Test
  void shouldPassOverWhatOthersPutBelowTheRoot() throws IOException {
    Files.createDirectories(root.resolve("lost+found"));
    Files.writeString(root.resolve("README"), "");
    Files.createSymbolicLink(root.resolve("door"), victim);
    List<SnapshotRef> cut = provider.cut(request(1, "c1", list()), ProgressListener.NONE);
    Files.writeString(root.resolve("b/NOTE.txt"), "");

    assertThat(provider.backups("shop", MEMBER)).containsExactly("b");
    assertThat(provider.list("shop", "b")).isEqualTo(cut);
  }
}
