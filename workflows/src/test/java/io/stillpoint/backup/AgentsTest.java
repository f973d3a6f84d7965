package io.stillpoint.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.Failures;
import io.temporal.api.enums.v1.RetryState;
import io.temporal.api.enums.v1.TimeoutType;
import io.temporal.failure.ActivityFailure;
import io.temporal.failure.TemporalFailure;
import io.temporal.failure.TimeoutFailure;
import org.junit.jupiter.api.Test;

class AgentsTest {

  @Test
  void shouldSayThatAnAgentIsGoneWhenNobodyTookItsStep() {
    TemporalFailure failure = timedOut(TimeoutType.TIMEOUT_TYPE_SCHEDULE_TO_START);

    TemporalFailure told = Agents.gone(failure, "shop", "db1:27017");

    assertThat(Failures.codeOf(told)).isEqualTo(ErrorCode.AGENT_UNREACHABLE);
    assertThat(Failures.messageOf(told))
        .contains("db1:27017 does not answer any more")
        .contains("stillpoint recover --cluster shop");
    assertThat(Failures.messageOf(failure)).isEqualTo("no worker took step SnapshotCut in time");
  }

  @Test
  void shouldNotBlameAnAgentForAStepThatTookTooLong() {
    TemporalFailure failure = timedOut(TimeoutType.TIMEOUT_TYPE_START_TO_CLOSE);

    assertThat(Agents.gone(failure, "shop", "db1:27017")).isSameAs(failure);
  }

  private static TemporalFailure timedOut(TimeoutType type) {
    return new ActivityFailure(
        "",
        1,
        2,
        "SnapshotCut",
        "1",
        RetryState.RETRY_STATE_TIMEOUT,
        "",
        new TimeoutFailure("", null, type));
  }
}
