package io.stillpoint.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import io.stillpoint.activity.CursorActivities.Beat;
import io.temporal.api.common.v1.ActivityType;
import io.temporal.api.common.v1.Payloads;
import io.temporal.api.workflow.v1.PendingActivityInfo;
import io.temporal.api.workflowservice.v1.DescribeWorkflowExecutionResponse;
import io.temporal.client.WorkflowExecutionDescription;
import io.temporal.common.converter.DataConverter;
import io.temporal.common.converter.DefaultDataConverter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class PendingActivitiesTest {

  private static final DataConverter CONVERTER = DefaultDataConverter.newDefaultInstance();
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  @Test
  void shouldTellOnlyWhatIsWaitedForLong() {
    Instant now = Instant.now();

    List<String> waits =
        PendingActivities.longerThan(
            PATIENCE,
            description(
                scheduled("ClusterStepUp", now.minus(PATIENCE.multipliedBy(2)))
                    .setHeartbeatDetails(
                        Payloads.newBuilder()
                            .addPayloads(CONVERTER.toPayload("{a=not answering}").orElseThrow())),
                scheduled("NodeStart", now.minus(PATIENCE.multipliedBy(3)))
                    .setHeartbeatDetails(
                        Payloads.newBuilder().addPayloads(CONVERTER.toPayload(null).orElseThrow())),
                scheduled("TopologyRead", now)),
            CONVERTER);

    assertThat(waits)
        .satisfiesExactly(
            w -> assertThat(w).matches("ClusterStepUp, for \\d+ s so far: \\{a=not answering}"),
            w -> assertThat(w).matches("NodeStart, for \\d+ s so far"));
  }

  @Test
  void shouldTellThatTheMemberOfACursorIsSilent() {
    List<String> retrying =
        PendingActivities.of(
                description(
                    keeper(new Beat("control-1", 1, 0, "")),
                    keeper(new Beat("control-1", 1, 0, "no answer for 40 s"))),
                CONVERTER)
            .retrying();

    assertThat(retrying).containsExactly("CursorKeepAlive: no answer for 40 s");
  }

  private static PendingActivityInfo.Builder keeper(Beat beat) {
    return scheduled("CursorKeepAlive", Instant.now())
        .setHeartbeatDetails(
            Payloads.newBuilder().addPayloads(CONVERTER.toPayload(beat).orElseThrow()));
  }

  private static PendingActivityInfo.Builder scheduled(String type, Instant at) {
    return PendingActivityInfo.newBuilder()
        .setActivityType(ActivityType.newBuilder().setName(type))
        .setScheduledTime(Timestamp.newBuilder().setSeconds(at.getEpochSecond()));
  }

  private static WorkflowExecutionDescription description(PendingActivityInfo.Builder... pending) {
    DescribeWorkflowExecutionResponse.Builder response =
        DescribeWorkflowExecutionResponse.newBuilder();
    List.of(pending).forEach(response::addPendingActivities);
    return new WorkflowExecutionDescription(response.build(), CONVERTER);
  }
}
