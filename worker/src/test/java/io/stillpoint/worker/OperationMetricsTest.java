package io.stillpoint.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.stillpoint.activities.ErrorMappingInterceptor;
import io.stillpoint.activities.SnapshotActivitiesImpl;
import io.stillpoint.activity.SnapshotActivities;
import io.stillpoint.model.BackupCursor;
import io.stillpoint.model.ClusterTime;
import io.stillpoint.model.FileListRef;
import io.stillpoint.model.SnapshotRef;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.policy.Payloads;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.common.interceptors.ActivityInboundCallsInterceptor;
import io.temporal.common.interceptors.ActivityInboundCallsInterceptorBase;
import io.temporal.common.interceptors.WorkerInterceptor;
import io.temporal.common.interceptors.WorkerInterceptorBase;
import io.temporal.testing.TestActivityEnvironment;
import io.temporal.testing.TestEnvironmentOptions;
import io.temporal.worker.WorkerFactoryOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

class OperationMetricsTest {

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final List<String> members = new ArrayList<>();
  private TestActivityEnvironment temporal;
  private SnapshotActivities activities;

  @BeforeEach
  void start() {
    temporal =
        TestActivityEnvironment.newInstance(
            TestEnvironmentOptions.newBuilder()
                .setWorkflowClientOptions(
                    WorkflowClientOptions.newBuilder()
                        .setDataConverter(Payloads.converter())
                        .build())
                .setWorkerFactoryOptions(
                    WorkerFactoryOptions.newBuilder()
                        .setWorkerInterceptors(
                            new ErrorMappingInterceptor(),
                            recorder(),
                            new OperationMetrics(registry))
                        .build())
                .build());
    temporal.registerActivitiesImplementations(
        new SnapshotActivitiesImpl(List.of(), backup -> Optional.empty()));
    activities = temporal.newActivityStub(SnapshotActivities.class);
  }

  /** Sees what a log line of the activity would have. */
  private WorkerInterceptor recorder() {
    return new WorkerInterceptorBase() {
      @Override
      public ActivityInboundCallsInterceptor interceptActivity(
          ActivityInboundCallsInterceptor next) {
        return new ActivityInboundCallsInterceptorBase(next) {
          @Override
          public ActivityOutput execute(ActivityInput input) {
            members.add(MDC.get("member"));
            return super.execute(input);
          }
        };
      }
    };
  }

  @AfterEach
  void stop() {
    temporal.close();
  }

  @Test
  void shouldTimeWhatSucceedsByType() {
    SnapshotRef copy =
        new SnapshotRef("s0", "db1:27017", SnapshotType.MANUAL, "x", "", "data", "c", 1, true);
    activities.awaitReady(List.of(copy));
    activities.awaitReady(List.of(copy));

    assertThat(registry.get("stillpoint.snapshot.ready").tag("type", "manual").timer().count())
        .isEqualTo(2);
  }

  @Test
  void shouldCountFailuresByCodeAndNameTheMemberInLogs() {
    assertThatThrownBy(() -> activities.cut(cut("b1")))
        .hasMessageContaining("type directory was asked for");

    assertThat(
            registry
                .get("stillpoint.failures")
                .tag("activity", "SnapshotCut")
                .tag("code", "CONFIGURATION_INVALID")
                .counter()
                .count())
        .isEqualTo(1);
    assertThat(registry.find("stillpoint.snapshot.cut").timer()).isNull();
    assertThat(members).containsExactly("db1:27017");
    assertThat(MDC.get("member")).isNull();
  }

  private static SnapshotActivities.CutRequest cut(String backup) {
    ClusterTime time = new ClusterTime(1, 1);
    FileListRef files = new FileListRef("f", 0, 0, "00");
    return new SnapshotActivities.CutRequest(
        SnapshotType.DIRECTORY,
        "shop",
        backup,
        1,
        new BackupCursor("shop", "s0", "db1:27017", 1, "l", "c", "/d", time, time, time, files),
        time,
        Map.of());
  }
}
