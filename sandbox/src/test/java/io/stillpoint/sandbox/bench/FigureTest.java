package io.stillpoint.sandbox.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The arithmetic of the figures; they themselves are taken by {@code make bench} only. */
class FigureTest {

  @TempDir private Path directory;

  @Test
  void shouldCountTimeOnceThatSeveralSpansCover() {
    List<Span> spans = List.of(new Span(5, 6), new Span(0, 2), new Span(1, 3), new Span(1.5, 1.75));

    assertThat(Span.covered(spans)).isEqualTo(4);
    assertThat(Span.covered(List.of())).isZero();
  }

  @Test
  void shouldHoldTheRatioAndNotTheFigureAgainstABarForRatios() {
    Figure figure = Figure.of("key", "ms", List.of(30.0, 10.0, 20.0)).against(16);

    assertThat(figure.median()).isEqualTo(20);
    assertThat(figure.spread()).isEqualTo(20);
    assertThat(figure.met()).isEmpty();
    assertThat(figure.heldTo(Bar.ratioAtMost(1.5)).met()).isEqualTo(Optional.of(true));
    assertThat(figure.heldTo(Bar.ratioAtMost(1.2)).met()).isEqualTo(Optional.of(false));
    assertThat(figure.heldTo(Bar.atMost(1.5)).met()).isEqualTo(Optional.of(false));
  }

  @Test
  void shouldTellTheTemporaryServersOwnStartAndStopFromWhatIsDoneBetween() throws IOException {
    Path log =
        log(
            line("10.000", 4615611),
            line("10.500", 23016),
            line("11.000", 51800),
            line("12.000", 4784900),
            line("12.250", 20565));

    assertThat(Span.covered(ServerTimes.startAndStop(log))).isCloseTo(0.75, within(1e-6));
  }

  @Test
  void shouldRefuseALogWithoutAnEnd() throws IOException {
    Path log = log(line("10.000", 4615611), line("10.500", 23016));

    assertThatThrownBy(() -> ServerTimes.startAndStop(log)).hasMessageContaining(log.toString());
  }

  @Test
  void shouldTellTheLastStartOfAServerThatRuns() throws IOException {
    Path log =
        log(
            line("10.000", 4615611),
            line("10.500", 23016),
            line("20.000", 4615611),
            line("21.000", 51800),
            line("21.500", 23016),
            line("30.000", 51800));

    assertThat(Span.covered(List.of(ServerTimes.lastStart(log)))).isCloseTo(1.5, within(1e-6));
  }

  @Test
  void shouldTellHowBusyAllCoresWereInBetween() {
    MachineLoad before = MachineLoad.of("cpu  100 10 50 1000 40 0 5 5 77 0");
    MachineLoad after = MachineLoad.of("cpu  160 20 70 1080 60 0 10 10 99 0");

    assertThat(after.percentSince(before)).isCloseTo(50, within(1e-6));
    assertThat(before.percentSince(before)).isZero();
  }

  private Path log(String... lines) throws IOException {
    return Files.write(directory.resolve("recover.log"), List.of(lines));
  }

  private static String line(String second, int id) {
    return "{\"t\":{\"$date\":\"2026-11-23T04:00:%s+00:00\"},\"id\":%d}".formatted(second, id);
  }
}
