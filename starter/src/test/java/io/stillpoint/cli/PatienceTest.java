package io.stillpoint.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.ClusterTime;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.StringReader;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PatienceTest {
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final AtomicInteger calls = new AtomicInteger();

  private Patience patience(Duration limit) {
    CliContext context =
        new CliContext(
            new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            new BufferedReader(new StringReader("")),
            0,
            false,
            options -> null,
            List.of());
    return new Patience(new Printer(context, OutputFormat.text), limit);
  }

  private ClusterTime busyTwice(StillpointException failure) {
    if (calls.incrementAndGet() < 3) {
      throw failure;
    }
    return new ClusterTime(1, 2);
  }

  private static StillpointException failure(ErrorCode code, Exception cause) {
    return new StillpointException(code, "temporal says no", "a hint", cause);
  }

  @Test
  void shouldAskABusyServerAgainAndSaySoOnce() {
    StillpointException busy = failure(ErrorCode.TEMPORAL_UNREACHABLE, null);

    assertThat(patience(Duration.ofMinutes(1)).with(() -> busyTwice(busy)))
        .isEqualTo(new ClusterTime(1, 2));

    assertThat(err.toString(StandardCharsets.UTF_8))
        .isEqualToNormalizingNewlines("waiting for up to 1 min 0 s: temporal says no\n");
  }

  @Test
  void shouldGiveUpWhenTheTimeIsUp() {
    StillpointException busy = failure(ErrorCode.TEMPORAL_UNREACHABLE, null);

    assertThatThrownBy(() -> patience(Duration.ofMillis(-1)).with(() -> busyTwice(busy)))
        .isSameAs(busy);
    assertThat(calls).hasValue(1);
  }

  @Test
  void shouldNotAskAgainWhatCannotChange() {
    StillpointException refused = failure(ErrorCode.TEMPORAL_REFUSED, null);
    StillpointException unknown =
        failure(
            ErrorCode.TEMPORAL_UNREACHABLE,
            new IllegalStateException(new UnknownHostException("nowhere")));

    for (StillpointException permanent : List.of(refused, unknown)) {
      calls.set(0);
      assertThatThrownBy(() -> patience(Duration.ofMinutes(1)).with(() -> busyTwice(permanent)))
          .isSameAs(permanent);
      assertThat(calls).hasValue(1);
    }
    assertThat(err.size()).isZero();
  }
}
