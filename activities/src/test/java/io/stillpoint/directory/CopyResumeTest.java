package io.stillpoint.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stillpoint.activity.SnapshotActivities.Progress;
import io.stillpoint.catalog.FileEntry;
import io.stillpoint.provider.ProgressListener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a resumed copy trusts. */
class CopyResumeTest {

  private static final Progress TOTAL = new Progress(0, 0, 0, 0);
  private static final Duration ALL_THE_TIME = Duration.ofNanos(1);

  @TempDir private Path temp;
  private Path source;
  private Path target;

  @BeforeEach
  void make() throws IOException {
    source = Files.createDirectories(temp.resolve("source"));
    target = Files.createDirectories(temp.resolve("target"));
  }

  @Timeout(60)
  @ParameterizedTest
  @CsvSource({"true, 1", "true, 2", "true, 3", "false, 4", "false, 5", "false, 6"})
  void shouldHaveTheWholeContentHoweverOftenThePowerFails(boolean wholeFileSystems, long seed)
      throws IOException {
    Random random = new Random(seed);
    List<FileEntry> entries = fill(400, random);
    FailingPower power = new FailingPower(target, wholeFileSystems, random);
    // Too few calls for a run that has no record to go on from.
    int calls = wholeFileSystems ? 6 : 400;
    int resumed = 0;
    for (boolean ended = false; !ended; ) {
      power.goOffAfter(resumed < 5 ? random.nextInt(calls) : Integer.MAX_VALUE);
      CopyRecord record = CopyRecord.open(target, "list");
      resumed += record.isEmpty() ? 0 : 1;
      try {
        copy(power).run(entries.iterator(), record, TOTAL, ProgressListener.NONE);
        ended = true;
      } catch (UncheckedIOException e) {
        power.comeBack();
      }
    }

    // A durable file is whole even if the power fails right at the end.
    power.comeBack();
    for (FileEntry entry : entries) {
      assertThat(target.resolve(entry.path())).hasSameBinaryContentAs(source.resolve(entry.path()));
    }
    assertThat(resumed).isPositive();
  }

  @Test
  void shouldCopyOnlyWhatWasNotRecorded() throws IOException {
    List<FileEntry> entries = fill(6, new Random(1));
    for (FileEntry entry : entries) {
      Path copy = target.resolve(entry.path());
      Files.createDirectories(copy.getParent());
      Files.write(copy, new byte[(int) entry.size()]);
    }
    Files.delete(target.resolve(entries.get(4).path()));
    record().add(places(0, 2, 4));

    TreeCopy.Copied copied =
        new TreeCopy(source, target, CopyMethod.STREAM, 2)
            .run(entries.iterator(), record(), TOTAL, ProgressListener.NONE);

    assertThat(copied)
        .isEqualTo(new TreeCopy.Copied(6, entries.stream().mapToLong(FileEntry::size).sum()));
    for (int i = 0; i < entries.size(); i++) {
      String path = entries.get(i).path();
      if (i == 0 || i == 2) {
        assertThat(target.resolve(path)).hasBinaryContent(new byte[(int) entries.get(i).size()]);
      } else {
        assertThat(target.resolve(path)).hasSameBinaryContentAs(source.resolve(path));
      }
    }
    CopyRecord after = record();
    assertThat(IntStream.range(0, 6)).allMatch(after::holds);
  }

  @Test
  void shouldForgetADurableFileBeforeItIsWrittenAgain() throws IOException {
    List<FileEntry> entries = fill(2, new Random(1));
    Files.createDirectories(target.resolve(entries.get(0).path()).getParent());
    Files.write(target.resolve(entries.get(0).path()), new byte[1]);
    record().add(places(0));
    FailingPower power = new FailingPower(target, true, new Random(1));
    power.goOffAfter(0);

    assertThatThrownBy(
            () -> copy(power).run(entries.iterator(), record(), TOTAL, ProgressListener.NONE))
        .hasMessageContaining("the power is off");

    assertThat(record().isEmpty()).isTrue();
  }

  @Test
  void shouldTrustNoRecordOfAnotherCopyAndNoDamagedOne() throws IOException {
    record().add(places(0, 1, 2, 7));
    assertThat(IntStream.range(0, 9).filter(record()::holds)).containsExactly(0, 1, 2, 7);

    assertThat(CopyRecord.open(target, "another").isEmpty()).isTrue();
    assertThat(record().isEmpty()).as("gone for the first one too").isTrue();

    record().add(places(5));
    Path file = target.resolve(CopyRecord.NAME);
    Files.writeString(file, Files.readString(file).replace("5", "6"));
    assertThat(record().isEmpty()).isTrue();
    assertThat(file).doesNotExist();
  }

  private TreeCopy copy(Durability durability) {
    return new TreeCopy(source, target, CopyMethod.STREAM, 3, 0, durability, ALL_THE_TIME);
  }

  private CopyRecord record() throws IOException {
    return CopyRecord.open(target, "list");
  }

  private static BitSet places(int... places) {
    BitSet set = new BitSet();
    IntStream.of(places).forEach(set::set);
    return set;
  }

  /** Every hundredth file is larger than what is synced together with others. */
  private List<FileEntry> fill(int files, Random random) throws IOException {
    List<FileEntry> entries = new ArrayList<>();
    for (int i = 0; i < files; i++) {
      String path = "d%d/f%d".formatted(i % 3, i);
      byte[] content = new byte[i % 100 == 99 ? 1 << 20 : 1 + random.nextInt(2000)];
      random.nextBytes(content);
      Files.createDirectories(source.resolve(path).getParent());
      Files.write(source.resolve(path), content);
      entries.add(new FileEntry(path, content.length));
    }
    return entries;
  }
}
