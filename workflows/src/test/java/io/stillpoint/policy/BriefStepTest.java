package io.stillpoint.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.Failures;
import io.temporal.api.enums.v1.RetryState;
import io.temporal.api.enums.v1.TimeoutType;
import io.temporal.failure.ActivityFailure;
import io.temporal.failure.CanceledFailure;
import io.temporal.failure.TemporalFailure;
import io.temporal.failure.TimeoutFailure;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class BriefStepTest {

  private final AtomicInteger activities = new AtomicInteger();

  @Test
  void shouldNeedNoActivityWhenItIsBrief() {
    assertThat(BriefStep.run(true, () -> "brief", this::activity)).isEqualTo("brief");
    assertThat(activities).hasValue(0);
  }

  @Test
  void shouldBecomeAnActivityWhenItTakesLonger() {
    Supplier<String> late =
        failing(new TimeoutFailure("late", null, TimeoutType.TIMEOUT_TYPE_START_TO_CLOSE));
    assertThat(BriefStep.run(true, late, this::activity)).isEqualTo("activity");
  }

  @Test
  void shouldBecomeAnActivityWhenAnotherTryMayMendIt() {
    Supplier<String> down = failing(Failures.of(ErrorCode.MONGO_UNREACHABLE, "it is away", ""));
    assertThat(BriefStep.run(true, down, this::activity)).isEqualTo("activity");
  }

  /** A second answer must not make a lost cursor found again. */
  @Test
  void shouldTakeAFinalAnswer() {
    assertFinal(Failures.of(ErrorCode.CURSOR_LOST, "it is gone", ""));
  }

  @Test
  void shouldNotGoOnWhenItWasCancelled() {
    assertFinal(new CanceledFailure("cancelled"));
  }

  private void assertFinal(TemporalFailure cause) {
    assertThatThrownBy(() -> BriefStep.run(true, failing(cause), this::activity))
        .isInstanceOf(ActivityFailure.class)
        .cause()
        .isSameAs(cause);
    assertThat(activities).hasValue(0);
  }

  private String activity() {
    activities.incrementAndGet();
    return "activity";
  }

  private static Supplier<String> failing(TemporalFailure cause) {
    return () -> {
      throw new ActivityFailure(
          "failed", 1, 2, "Step", "id", RetryState.RETRY_STATE_UNSPECIFIED, "worker", cause);
    };
  }
}
