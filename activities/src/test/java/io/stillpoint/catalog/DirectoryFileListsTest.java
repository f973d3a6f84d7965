package io.stillpoint.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.FileListRef;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DirectoryFileListsTest {

  @TempDir private Path root;
  private FileLists lists;

  @BeforeEach
  void open() {
    lists = new DirectoryCatalog(root, Clock.systemUTC()).fileLists();
  }

  @Test
  void shouldReadBackTwoHundredThousandEntries() {
    FileListRef list;
    try (FileListWriter writer = lists.writer("b", "s0", 1)) {
      for (int i = 0; i < 200_000; i++) {
        writer.add("db/collection-%d-12345678901234567.wt".formatted(i), i);
      }
      list = writer.finish();
    }

    assertThat(list.files()).isEqualTo(200_000);
    assertThat(list.bytes()).isEqualTo(199_999L * 100_000);
    try (Stream<FileEntry> entries = lists.entries("b", list)) {
      assertThat(entries.mapToLong(FileEntry::size).sum()).isEqualTo(list.bytes());
    }
    assertThat(lists.page("b", list, 199_999, 400))
        .containsExactly(new FileEntry("db/collection-199999-12345678901234567.wt", 199_999));
    assertThat(lists.page("b", list, 200_000, 400)).isEmpty();
  }

  @Test
  void shouldAppendJournalFilesTwiceWithOneResult() {
    FileListRef base = write(1, "WiredTiger", "journal/WiredTigerLog.0000000001");
    List<FileEntry> journal =
        List.of(
            new FileEntry("journal/WiredTigerLog.0000000001", 500),
            new FileEntry("journal/WiredTigerLog.0000000002", 600));

    FileListRef extended = lists.append("b", "s0", 1, base, journal);

    assertThat(lists.append("b", "s0", 1, base, journal)).isEqualTo(extended);
    assertThat(lists.append("b", "s0", 1, extended, journal)).isEqualTo(extended);
    assertThat(lists.page("b", extended, 0, 10))
        .containsExactly(
            new FileEntry("WiredTiger", 10),
            new FileEntry("journal/WiredTigerLog.0000000001", 500),
            new FileEntry("journal/WiredTigerLog.0000000002", 600));
    assertThat(extended.bytes()).isEqualTo(1110);
    lists.verify("b", base);
  }

  @Test
  void shouldNotLetALateWriterReplaceAnotherList() {
    FileListRef good = write(1, "WiredTiger", "good.wt");
    FileListRef late = write(1, "WiredTiger", "late.wt");

    assertThat(late.name()).isNotEqualTo(good.name());
    assertThat(lists.page("b", good, 1, 1)).containsExactly(new FileEntry("good.wt", 10));
  }

  @Test
  void shouldRefuseADamagedList() throws IOException {
    FileListRef list = write(1, "WiredTiger", "a.wt", "b.wt");
    Path file = root.resolve("b").resolve(list.name());
    String good = Files.readString(file);

    for (String bad :
        List.of("", good.substring(0, good.length() - 8), good.replace("a.wt", "c.wt"))) {
      Files.writeString(file, bad);
      assertDamaged(() -> lists.verify("b", list));
      assertDamaged(() -> lists.entries("b", list));
    }
    Files.delete(file);
    assertDamaged(() -> lists.verify("b", list));
    assertDamaged(() -> lists.verify("b", new FileListRef("../x.files", 1, 1, list.sha256())));
  }

  @Test
  void shouldLeaveNothingOfAnUnfinishedList() throws IOException {
    try (FileListWriter writer = lists.writer("b", "s0", 1)) {
      writer.add("WiredTiger", 1);
    }
    try (Stream<Path> files = Files.list(root.resolve("b"))) {
      assertThat(files).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "/etc/passwd", "../x", "a/../../x", "a//b", "./a", "a/", "a\nb", "a\\b"})
  void shouldRefusePathsThatLeaveTheDataDirectory(String path) {
    assertDamaged(() -> new FileEntry(path, 1));
  }

  private FileListRef write(int attempt, String... paths) {
    try (FileListWriter writer = lists.writer("b", "s0", attempt)) {
      for (String path : paths) {
        writer.add(path, 10);
      }
      return writer.finish();
    }
  }

  private static void assertDamaged(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StillpointException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.FILE_LIST_DAMAGED));
  }
}
