package io.stillpoint.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.stillpoint.activity.SnapshotActivities.Progress;
import io.stillpoint.catalog.FileEntry;
import io.stillpoint.provider.ProgressListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TreeCopyTest {

  private static final Progress TOTAL = new Progress(0, 0, 0, 0);

  @TempDir private Path temp;
  private Path source;
  private Path target;

  @BeforeEach
  void make() throws IOException {
    source = Files.createDirectories(temp.resolve("source"));
    target = Files.createDirectories(temp.resolve("target"));
  }

  @Test
  void shouldStopAllWorkersWhenTheListenerThrows() throws IOException {
    for (int i = 0; i < 2000; i++) {
      Files.write(source.resolve("f" + i), new byte[10]);
    }
    IllegalStateException cancelled = new IllegalStateException("cancelled");
    Iterator<FileEntry> endless =
        Stream.iterate(0, i -> (i + 1) % 2000).map(i -> new FileEntry("f" + i, 10)).iterator();

    assertThatThrownBy(
            () ->
                new TreeCopy(source, target, CopyMethod.STREAM, 4)
                    .run(
                        endless,
                        record(),
                        TOTAL,
                        p -> {
                          throw cancelled;
                        }))
        .isSameAs(cancelled);
    // Their work has ended; the threads themselves may need a moment more.
    await()
        .until(
            () ->
                Thread.getAllStackTraces().keySet().stream()
                    .noneMatch(t -> t.getName().equals("copy " + source)));
  }

  @Test
  void shouldReportTheFirstFileThatFailsAndLetTheOthersEnd() throws IOException {
    Files.write(source.resolve("a"), new byte[10]);
    List<FileEntry> entries = List.of(new FileEntry("a", 10), new FileEntry("missing", 1));

    assertThatThrownBy(
            () ->
                new TreeCopy(source, target, CopyMethod.STREAM, 2)
                    .run(entries.iterator(), record(), TOTAL, ProgressListener.NONE))
        .isInstanceOfSatisfying(
            CopyFailedException.class,
            e -> assertThat(e.reason()).isEqualTo(CopyFailedException.Reason.SOURCE_MISSING));
  }

  @Test
  void shouldCopyWhatAFileHoldsNowEvenIfItGrewSinceItWasListed() throws IOException {
    byte[] content = new byte[20_000_000];
    IntStream.range(0, content.length).forEach(i -> content[i] = (byte) (i * 31 >> 3));
    Files.write(source.resolve("grown"), content);

    TreeCopy.Copied copied =
        new TreeCopy(source, target, CopyMethod.STREAM, 1)
            .run(
                List.of(new FileEntry("grown", 5)).iterator(),
                record(),
                TOTAL,
                ProgressListener.NONE);

    assertThat(copied).isEqualTo(new TreeCopy.Copied(1, content.length));
    assertThat(target.resolve("grown")).hasBinaryContent(content);
  }

  private CopyRecord record() throws IOException {
    return CopyRecord.open(target, "test");
  }

  @Test
  void shouldProbeWithoutLeavingAnything() throws IOException {
    assertThat(CopyMethod.between(source, target)).isIn(CopyMethod.STREAM, CopyMethod.REFLINK);
    assertThat(target).isEmptyDirectory();
  }
}
