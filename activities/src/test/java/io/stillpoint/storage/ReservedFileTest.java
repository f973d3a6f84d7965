package io.stillpoint.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that takes no new file, and what is written to it all the same. */
class ReservedFileTest {

  @TempDir private Path directory;
  private Path file;
  private boolean full;

  @BeforeEach
  void name() {
    file = directory.resolve("state.json");
    full = false;
  }

  @Test
  void shouldReplaceAgainAndAgainOnAFullDisk() throws IOException {
    reserved().reserve(2_000);
    reserved().replace(bytes("first"));
    full = true;

    for (int i = 0; i < 5; i++) {
      String content = "x".repeat(1_000 + i * 200);
      reserved().replace(bytes(content));
      assertThat(content()).isEqualTo(content);
    }
    try (Stream<Path> names = Files.list(directory)) {
      assertThat(names.map(p -> p.getFileName().toString()))
          .containsExactlyInAnyOrder("state.json", "state.json.spare");
    }
  }

  @Test
  void shouldKeepTheLastContentWhereNothingWasReserved() throws IOException {
    reserved().replace(bytes("first"));
    full = true;

    assertThatThrownBy(() -> reserved().replace(bytes("second")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("No space left");
    assertThat(content()).isEqualTo("first");
  }

  @Test
  void shouldRefuseToReserveOnAFullDisk() {
    full = true;

    assertThatThrownBy(() -> reserved().reserve(10)).isInstanceOf(IOException.class);
  }

  /** The second name is the file itself then: to write there would be to lose the content. */
  @Test
  void shouldNotOverwriteTheFileAfterADeathBeforeTheMove() throws IOException {
    reserved().replace(bytes("first"));
    Files.createLink(directory.resolve("state.json.last"), file);
    full = true;

    assertThatThrownBy(() -> reserved().replace(bytes("second"))).isInstanceOf(IOException.class);
    assertThat(content()).isEqualTo("first");
  }

  @Test
  void shouldGoOnAfterADeathBehindTheMove() throws IOException {
    reserved().reserve(100);
    reserved().replace(bytes("first"));
    Files.move(directory.resolve("state.json.spare"), directory.resolve("state.json.last"));
    full = true;

    reserved().replace(bytes("second"));

    assertThat(content()).isEqualTo("second");
  }

  @Test
  void shouldGiveTheSpaceUp() throws IOException {
    reserved().reserve(100);
    reserved().replace(bytes("first"));

    reserved().release();

    assertThat(directory).isDirectoryContaining("glob:**state.json");
    assertThat(directory.resolve("state.json.spare")).doesNotExist();
  }

  private ReservedFile reserved() {
    return new ReservedFile(
        file,
        (path, content) -> {
          if (full) {
            throw new IOException(path + ": No space left on device");
          }
          DurableFiles.replace(path, content);
        });
  }

  private String content() throws IOException {
    return Files.readString(file).stripTrailing();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
