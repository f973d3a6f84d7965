package io.stillpoint.sim.virtual;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.temporal.activity.Activity;
import io.temporal.activity.ActivityCancellationType;
import io.temporal.activity.ActivityInterface;
import io.temporal.activity.ActivityOptions;
import io.temporal.common.converter.DefaultDataConverter;
import io.temporal.failure.ActivityFailure;
import io.temporal.failure.ApplicationFailure;
import io.temporal.failure.TemporalFailure;
import io.temporal.failure.TimeoutFailure;
import io.temporal.workflow.Workflow;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a real server and its workers do, the virtual ones must do too. */
class VirtualTemporalTest {

  private static final String QUEUE = "q";
  private static final Duration DAY = Duration.ofDays(1);

  /** One activity, whose attempts do what the test says. */
  @ActivityInterface
  public interface Work {
    String work();
  }

  @WorkflowInterface
  public interface Flow {
    @WorkflowMethod
    String run();
  }

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final VirtualTemporal temporal =
      new VirtualTemporal(QUEUE, Timing.even(), DefaultDataConverter.STANDARD_INSTANCE, threads);
  private final List<String> effects = new ArrayList<>();
  private final AtomicInteger attempts = new AtomicInteger();

  @AfterEach
  void stop() {
    temporal.close();
    threads.shutdownNow();
  }

  private static Work stub(ActivityCancellationType cancellation) {
    return Workflow.newActivityStub(
        Work.class,
        ActivityOptions.newBuilder()
            .setStartToCloseTimeout(Duration.ofMinutes(1))
            .setScheduleToCloseTimeout(Duration.ofMinutes(10))
            .setHeartbeatTimeout(Duration.ofSeconds(10))
            .setCancellationType(cancellation)
            .build());
  }

  private static String work() {
    return stub(ActivityCancellationType.WAIT_CANCELLATION_COMPLETED).work();
  }

  private Execution start(Flow flow, Work work) {
    temporal.register(Flow.class, () -> flow);
    temporal.registerActivities(work);
    return temporal.start("w", "Flow");
  }

  private String result(Execution execution) {
    assertThat(temporal.runUntilClosed(execution, DAY)).isTrue();
    return temporal.result(execution, String.class);
  }

  private String effect(String what) {
    effects.add(what);
    return what;
  }

  @Test
  void shouldTryAgainAfterTheHeartbeatOfADeadWorker() {
    Execution execution =
        start(
            VirtualTemporalTest::work,
            () -> {
              if (attempts.getAndIncrement() == 0) {
                throw new Fate.Dies();
              }
              return effect("second");
            });

    assertThat(result(execution)).isEqualTo("second");
    assertThat(effects).containsExactly("second");
  }

  @Test
  void shouldHaveALateAttemptsEffectBesideItsRetry() {
    Execution execution =
        start(
            () -> {
              String done = work();
              Workflow.sleep(Duration.ofMinutes(1));
              return done;
            },
            () -> {
              if (attempts.getAndIncrement() == 0) {
                throw new Fate.Late(() -> effect("late"));
              }
              return effect("retry");
            });

    assertThat(result(execution)).isEqualTo("retry");
    assertThat(effects).containsExactly("retry", "late");
  }

  @Test
  void shouldGiveUpAfterScheduleToClose() {
    Execution execution =
        start(
            VirtualTemporalTest::work,
            () -> {
              attempts.incrementAndGet();
              throw ApplicationFailure.newFailure("no", "NO");
            });

    assertThatThrownBy(() -> result(execution))
        .isInstanceOf(TemporalFailure.class)
        .hasRootCauseInstanceOf(ApplicationFailure.class);
    assertThat(attempts.get()).isBetween(5, 15);
  }

  @Test
  void shouldTellAScheduleToStartTimeoutFromOthers() {
    Execution execution =
        start(
            () -> {
              try {
                return Workflow.newActivityStub(
                        Work.class,
                        ActivityOptions.newBuilder()
                            .setTaskQueue("down")
                            .setScheduleToStartTimeout(Duration.ofSeconds(3))
                            .setStartToCloseTimeout(Duration.ofSeconds(9))
                            .build())
                    .work();
              } catch (ActivityFailure e) {
                return ((TimeoutFailure) e.getCause()).getTimeoutType().name();
              }
            },
            () -> effect("never"));
    temporal.stopWorkers("down");

    assertThat(result(execution)).isEqualTo("TIMEOUT_TYPE_SCHEDULE_TO_START");
    assertThat(effects).isEmpty();
  }

  @Test
  void shouldTellAnActivityOfItsCancelAtItsNextHeartbeat() {
    Execution execution =
        start(
            VirtualTemporalTest::work,
            () -> {
              var context = Activity.getExecutionContext();
              throw new Fate.Repeats(() -> context.heartbeat(null));
            });
    temporal.runUntilClosed(execution, Duration.ofSeconds(20));
    temporal.cancel(execution);

    assertThat(temporal.runUntilClosed(execution, Duration.ofSeconds(20))).isTrue();
    assertThat(execution.events())
        .containsSubsequence("ACTIVITY_TASK_CANCEL_REQUESTED", "ACTIVITY_TASK_CANCELED");
  }

  @Test
  void shouldReplayOnAnotherWorkerAfterTheFirstDied() {
    AtomicInteger begun = new AtomicInteger();
    Execution execution =
        start(
            () -> {
              begun.incrementAndGet();
              String first = work();
              Workflow.sleep(Duration.ofHours(1));
              return first + work();
            },
            () -> effect(String.valueOf(attempts.incrementAndGet())));
    temporal.runUntilClosed(execution, Duration.ofMinutes(1));
    temporal.stopWorkers(QUEUE);

    assertThat(result(execution)).isEqualTo("12");
    assertThat(begun).hasValue(2);
    assertThat(effects).containsExactly("1", "2");
  }

  @Test
  void shouldPunishCodeThatDecidesOtherwiseWhenItIsReplayed() {
    AtomicInteger begun = new AtomicInteger();
    Execution execution =
        start(
            () -> {
              if (begun.getAndIncrement() == 0) {
                work();
              }
              Workflow.sleep(Duration.ofHours(1));
              return work();
            },
            () -> effect("done"));
    temporal.runUntilClosed(execution, Duration.ofMinutes(1));
    temporal.stopWorkers(QUEUE);

    assertThatThrownBy(() -> result(execution))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("NonDeterministic");
  }
}
