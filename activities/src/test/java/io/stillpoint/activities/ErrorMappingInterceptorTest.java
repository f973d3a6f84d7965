package io.stillpoint.activities;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.Failures;
import io.stillpoint.error.StillpointException;
import io.temporal.activity.ActivityInterface;
import io.temporal.failure.ActivityFailure;
import io.temporal.failure.ApplicationFailure;
import io.temporal.testing.TestActivityEnvironment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class ErrorMappingInterceptorTest {

  @ActivityInterface
  public interface Failing {
    void fail();
  }

  private final TestActivityEnvironment environment = ActivityWorlds.start();

  @AfterEach
  void close() {
    environment.close();
  }

  @Test
  void shouldGiveARefusalItsCodeAndForbidRetries() {
    ApplicationFailure failure =
        failureOf(new StillpointException(ErrorCode.CURSOR_LOST, "it is gone", "start again"));
    assertThat(failure.getType()).isEqualTo("CURSOR_LOST");
    assertThat(failure.isNonRetryable()).isTrue();
    assertThat(failure.getOriginalMessage()).isEqualTo("it is gone HINT: start again");
  }

  @Test
  void shouldLetTransientFailuresBeRetried() {
    ApplicationFailure failure =
        failureOf(new StillpointException(ErrorCode.MONGO_UNREACHABLE, "no answer", ""));
    assertThat(failure.getType()).isEqualTo("MONGO_UNREACHABLE");
    assertThat(failure.isNonRetryable()).isFalse();
  }

  @Test
  void shouldReportADefectAsInternalAndRetryable() {
    ApplicationFailure failure = failureOf(new IllegalStateException("index out of step"));
    assertThat(failure.getType()).isEqualTo("INTERNAL");
    assertThat(failure.isNonRetryable()).isFalse();
    assertThat(failure.getOriginalMessage()).contains("index out of step");
  }

  @Test
  void shouldLeaveTemporalsOwnFailuresAlone() {
    ApplicationFailure failure =
        failureOf(Failures.of(ErrorCode.COPY_TIMEOUT, "too late", "longer"));
    assertThat(failure.getType()).isEqualTo("COPY_TIMEOUT");
  }

  private ApplicationFailure failureOf(RuntimeException thrown) {
    Failing failing =
        () -> {
          throw thrown;
        };
    environment.registerActivitiesImplementations(failing);
    ActivityFailure failure =
        catchThrowableOfType(
            ActivityFailure.class, () -> environment.newActivityStub(Failing.class).fail());
    return (ApplicationFailure) failure.getCause();
  }
}
