package io.stillpoint.sandbox.mongod.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class OpenFilesTest {

  private static final int FILES = 1000;

  @TempDir private Path directory;

  @Test
  @EnabledOnOs(OS.LINUX)
  void shouldUseManyFilesAndKeepFewOpen() throws IOException {
    List<Path> paths =
        IntStream.range(0, FILES).mapToObj(i -> directory.resolve("table-" + i + ".wt")).toList();
    paths.forEach(DataFile::create);
    try (OpenFiles files = new OpenFiles()) {
      for (int i = 0; i < FILES; i++) {
        files.write(paths.get(i), number(i), FreeSpace.UNIT);
      }
      for (int i = 0; i < FILES; i++) {
        ByteBuffer read = ByteBuffer.allocate(4);
        files.read(paths.get(i), read, FreeSpace.UNIT);
        assertThat(read.getInt(0)).isEqualTo(i);
      }
      assertThat(openBelowDirectory()).isBetween(1L, 200L);
    }
    assertThat(openBelowDirectory()).isZero();
  }

  @Test
  void shouldNeverMakeAFile() {
    Path gone = directory.resolve("gone.wt");
    try (OpenFiles files = new OpenFiles()) {
      assertThatIOException()
          .isThrownBy(() -> files.write(gone, number(1), 0))
          .isInstanceOf(NoSuchFileException.class);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    assertThat(gone).doesNotExist();
  }

  @Test
  void shouldWriteNothingAfterTheServerDied() throws IOException {
    Path path = directory.resolve("table.wt");
    DataFile.create(path);
    byte[] before = Files.readAllBytes(path);
    OpenFiles files = new OpenFiles();
    files.read(path, ByteBuffer.allocate(4), 0);
    files.close();

    assertThatIOException().isThrownBy(() -> files.write(path, number(7), 0));

    assertThat(path).hasBinaryContent(before);
  }

  private static ByteBuffer number(int number) {
    return ByteBuffer.allocate(4).putInt(number).flip();
  }

  private long openBelowDirectory() throws IOException {
    Path real = directory.toRealPath();
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
      return descriptors.filter(d -> target(d).startsWith(real)).count();
    }
  }

  private static Path target(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor);
    } catch (IOException e) {
      // Closed since it was listed.
      return Path.of("/");
    }
  }
}
