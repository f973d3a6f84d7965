package io.stillpoint.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillpoint.client.CopyProgress;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ProgressTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream err = new PrintStream(bytes, true, StandardCharsets.UTF_8);

  private static Progress copying(long done, int attempt) {
    return of(new CopyProgress(attempt, done, 1_000, 0, 0, false, "", Duration.ZERO));
  }

  private static Progress of(CopyProgress copy) {
    return new Progress(
        "backup b",
        "COPYING",
        List.of(
            new Progress.Item(
                "rs0 db1:27017", "copying", Optional.of(copy), " (cursor adopted by c2)")),
        List.of(),
        List.of());
  }

  private String written() {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void shouldWriteLineOnlyEveryTenPercent() {
    LineDisplay display = new LineDisplay(err);

    for (long done = 0; done <= 1_000; done++) {
      display.show(copying(done, 1));
    }

    assertThat(written().lines()).hasSize(1 + 11);
    assertThat(written()).contains("copying 50 % (500 B of 1000 B)");
  }

  @Test
  void shouldGuessTimeLeftFromWhatWasSeen() {
    long[] now = {0};
    TreeDisplay display = new TreeDisplay(err, 200, new TimeLeft(() -> now[0]));

    display.show(copying(100, 1));
    now[0] = Duration.ofSeconds(1).toNanos();
    display.show(copying(110, 1));
    assertThat(written()).as("too early").doesNotContain("left");
    now[0] = Duration.ofSeconds(10).toNanos();
    display.show(copying(200, 1));
    assertThat(written())
        .contains("copying 20 % (200 B of 1000 B), 1 min 20 s left (cursor adopted by c2)");
    display.show(copying(0, 2));
    now[0] = Duration.ofSeconds(20).toNanos();
    display.show(copying(500, 2));
    assertThat(written()).contains("50 % (500 B of 1000 B), resumed, 10 s left");
  }

  /** It is counted anew, which would look like a copy that falls back. */
  @Test
  void shouldSayThatWhatWasCopiedIsChecked() {
    LineDisplay display = new LineDisplay(err);

    display.show(copying(350, 1));
    display.show(of(new CopyProgress(1, 320, 1_000, 0, 0, true, "", Duration.ZERO)));

    assertThat(written())
        .contains("copying 35 % (350 B of 1000 B)", "copying, checking 32 % (320 B of 1000 B)");
  }

  @Test
  void shouldSayThatCopyWasResumed() {
    new LineDisplay(err).show(copying(300, 2));

    assertThat(written()).contains("copying 30 % (300 B of 1000 B), resumed");
  }

  @Test
  void shouldRemarkReasonOfRetryOnce() {
    LineDisplay display = new LineDisplay(err);
    for (int attempt = 2; attempt < 6; attempt++) {
      String retry = "TopologyRead, attempt %d: no server answers".formatted(attempt);
      display.show(new Progress("backup b", "PLANNING", List.of(), List.of(), List.of(retry)));
    }

    assertThat(written().lines())
        .containsExactly(
            "backup b: PLANNING", "  retrying TopologyRead, attempt 2: no server answers");
  }

  @Test
  void shouldEraseExactlyWhatWasDrawn() {
    TreeDisplay display = new TreeDisplay(err, 80);
    display.show(copying(100, 1));
    bytes.reset();

    display.show(copying(200, 1));

    assertThat(written()).startsWith("\u001b[1A\u001b[2K\u001b[1A\u001b[2Kbackup b: COPYING");
    assertThat(written()).contains("[####................] copying 20 %");
  }

  @Test
  void shouldDrawNothingWhenNothingChanged() {
    TreeDisplay display = new TreeDisplay(err, 80);
    display.show(copying(100, 1));
    bytes.reset();

    display.show(copying(100, 1));

    assertThat(written()).isEmpty();
  }

  @Test
  void shouldNeverWrapLines() {
    new TreeDisplay(err, 20).show(copying(100, 1));

    assertThat(written().lines()).allSatisfy(l -> assertThat(l).hasSizeLessThanOrEqualTo(20));
  }

  @Test
  void shouldShowNumbersInsteadOfABarOnANarrowTerminal() {
    new TreeDisplay(err, 60).show(copying(450, 1));

    assertThat(written()).contains("copying 45 % (450 B of 1000 B)").doesNotContain("[", "#");
    assertThat(written().lines()).allSatisfy(l -> assertThat(l).hasSizeLessThanOrEqualTo(60));
  }

  @Test
  void shouldTakeNewestCompletedBackupOfEachCluster() {
    var good = FakeBackup.summary("good");
    var older = FakeBackup.summary("older");

    var last = StatusCommand.lastGood(List.of(good, older), Instant.parse("2026-11-22T11:15:00Z"));

    assertThat(last).hasSize(1);
    assertThat(last.get(0).backup()).isEqualTo("good");
    assertThat(last.get(0).ageSeconds()).isEqualTo(3_600);
  }
}
