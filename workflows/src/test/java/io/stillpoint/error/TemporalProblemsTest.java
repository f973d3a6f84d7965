package io.stillpoint.error;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TemporalProblemsTest {

  private static StillpointException of(Status status) {
    return TemporalProblems.of(status.asRuntimeException(), "temporal.example:7233", "backups");
  }

  @ParameterizedTest
  @CsvSource({
    "RESOURCE_EXHAUSTED, TEMPORAL_UNREACHABLE, true",
    "ABORTED, TEMPORAL_UNREACHABLE, true",
    "UNAVAILABLE, TEMPORAL_UNREACHABLE, true",
    "DEADLINE_EXCEEDED, TEMPORAL_UNREACHABLE, true",
    "PERMISSION_DENIED, TEMPORAL_REFUSED, false",
    "UNAUTHENTICATED, TEMPORAL_REFUSED, false",
    "NOT_FOUND, TEMPORAL_REFUSED, false",
    "UNIMPLEMENTED, INTERNAL, false"
  })
  void shouldTellWhatMayPassFromWhatStays(Status.Code status, ErrorCode code, boolean mayPass) {
    StillpointException problem = of(status.toStatus().withDescription("said so"));

    assertThat(problem.code()).isEqualTo(code);
    assertThat(TemporalProblems.mayPass(problem)).isEqualTo(mayPass);
  }

  @Test
  void shouldNotWaitForAHostThatDoesNotExist() {
    StillpointException problem =
        of(
            Status.UNAVAILABLE.withCause(
                new IllegalStateException(new UnknownHostException("temporal.example"))));

    assertThat(problem.code()).isEqualTo(ErrorCode.TEMPORAL_UNREACHABLE);
    assertThat(problem).hasMessageContaining("temporal.example:7233 names a host that cannot");
    assertThat(TemporalProblems.mayPass(problem)).isFalse();
  }
}
