package io.stillpoint.worker;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.stillpoint.activity.CatalogActivities.CompleteRequest;
import io.stillpoint.activity.NodeActivities.MemberRequest;
import io.stillpoint.activity.NodeActivities.RecoverRequest;
import io.stillpoint.activity.NodeActivities.StageRequest;
import io.stillpoint.activity.SnapshotActivities.CutRequest;
import io.stillpoint.error.Failures;
import io.stillpoint.model.BackupCursor;
import io.stillpoint.model.BackupSummary;
import io.stillpoint.model.OperationStatus;
import io.stillpoint.model.SnapshotRef;
import io.temporal.activity.ActivityExecutionContext;
import io.temporal.client.ActivityCompletionException;
import io.temporal.common.interceptors.ActivityInboundCallsInterceptor;
import io.temporal.common.interceptors.ActivityInboundCallsInterceptorBase;
import io.temporal.common.interceptors.WorkerInterceptorBase;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.MDC;

/**
 * Counts and times what activities of this process do, and puts the member that they work on into
 * the log's context (the SDK puts the workflow's id there). Names are in docs/observability.md.
 */
@Singleton
final class OperationMetrics extends WorkerInterceptorBase {

  private static final String MEMBER = "member";

  /** The steps of a restore on one member, and what they are called in metrics. */
  private static final Map<String, String> RESTORE_STEPS =
      Map.of(
          "NodeStage", "stage",
          "NodeStop", "stop",
          "NodeSwap", "swap",
          "NodeRecover", "recover",
          "NodeStart", "start",
          "NodeProveStart", "prove",
          "NodeUndo", "undo",
          "NodeRelease", "release");

  private final MeterRegistry registry;
  private final Map<String, AtomicInteger> openCursors = new ConcurrentHashMap<>();

  OperationMetrics(MeterRegistry registry) {
    this.registry = registry;
  }

  @Override
  public ActivityInboundCallsInterceptor interceptActivity(ActivityInboundCallsInterceptor next) {
    return new ActivityInboundCallsInterceptorBase(next) {
      private String type = "";

      @Override
      public void init(ActivityExecutionContext context) {
        // The context of the thread is only set further inside.
        type = context.getInfo().getActivityType();
        super.init(context);
      }

      @Override
      public ActivityOutput execute(ActivityInput input) {
        Object argument = input.getArguments().length == 0 ? null : input.getArguments()[0];
        MDC.put(MEMBER, member(argument));
        try {
          return observed(type, input, () -> super.execute(input));
        } finally {
          MDC.remove(MEMBER);
        }
      }
    };
  }

  /** The call that is observed. */
  @FunctionalInterface
  private interface Call {
    ActivityInboundCallsInterceptor.ActivityOutput run();
  }

  private ActivityInboundCallsInterceptor.ActivityOutput observed(
      String type, ActivityInboundCallsInterceptor.ActivityInput input, Call call) {
    Object[] arguments = input.getArguments();
    Optional<AtomicInteger> open =
        type.equals("CursorKeepAlive") ? Optional.of(openCursors(arguments)) : Optional.empty();
    open.ifPresent(AtomicInteger::incrementAndGet);
    Timer.Sample sample = Timer.start(registry);
    try {
      ActivityInboundCallsInterceptor.ActivityOutput output = call.run();
      succeeded(type, arguments, output.getResult(), sample);
      return output;
    } catch (ActivityCompletionException e) {
      // Cancelled, or given to another worker: a cursor's keep-alive always ends so.
      throw e;
    } catch (RuntimeException e) {
      failures(type, Failures.codeOf(e).name()).increment();
      throw e;
    } finally {
      open.ifPresent(AtomicInteger::decrementAndGet);
    }
  }

  private void succeeded(String type, Object[] arguments, Object result, Timer.Sample sample) {
    String step = RESTORE_STEPS.get(type);
    if (step != null) {
      sample.stop(
          Timer.builder("stillpoint.restore.step")
              .description("one step of a restore on one member")
              .tag("step", step)
              .register(registry));
    }
    switch (type) {
      case "SnapshotCut" -> {
        CutRequest request = (CutRequest) arguments[0];
        sample.stop(snapshots("stillpoint.snapshot.cut", request.type().word()));
      }
      case "SnapshotAwaitReady" -> {
        if (arguments[0] instanceof List<?> list
            && !list.isEmpty()
            && list.get(0) instanceof SnapshotRef snapshot) {
          sample.stop(snapshots("stillpoint.snapshot.ready", snapshot.provider().word()));
        }
      }
      case "CatalogComplete" -> completed((CompleteRequest) arguments[0], (BackupSummary) result);
      case "CatalogEnd" -> ended((OperationStatus) arguments[2], String.valueOf(arguments[3]));
      default -> {}
    }
  }

  private void completed(CompleteRequest request, BackupSummary summary) {
    Timer.builder("stillpoint.cursor.window")
        .description("from the first backup cursor opened to the last one closed")
        .tag("cluster", summary.cluster())
        .register(registry)
        .record(Duration.ofMillis(request.cursorWindowMillis()));
    backups(OperationStatus.COMPLETED, "").increment();
  }

  private void ended(OperationStatus status, String failure) {
    int colon = failure.indexOf(':');
    String code = colon > 0 ? failure.substring(0, colon) : "";
    backups(status, code.matches("[A-Z_]+") ? code : "").increment();
  }

  private Counter backups(OperationStatus status, String code) {
    return Counter.builder("stillpoint.backups")
        .description("backups that this worker recorded the end of")
        .tag("status", status.name().toLowerCase(Locale.ROOT))
        .tag("code", code)
        .register(registry);
  }

  private Counter failures(String activity, String code) {
    return Counter.builder("stillpoint.failures")
        .description("attempts of activities that failed; most are tried again")
        .tag("activity", activity)
        .tag("code", code)
        .register(registry);
  }

  private Timer snapshots(String name, String type) {
    return Timer.builder(name).tag("type", type).register(registry);
  }

  private AtomicInteger openCursors(Object[] arguments) {
    String cluster = arguments[0] instanceof BackupCursor cursor ? cursor.cluster() : "";
    return openCursors.computeIfAbsent(
        cluster,
        name -> {
          AtomicInteger count = new AtomicInteger();
          Gauge.builder("stillpoint.cursors.open", count, AtomicInteger::get)
              .description("backup cursors that this worker keeps alive")
              .tag("cluster", name)
              .register(registry);
          return count;
        });
  }

  private static String member(Object argument) {
    if (argument instanceof BackupCursor cursor) {
      return cursor.member();
    }
    if (argument instanceof CutRequest request) {
      return request.cursor().member();
    }
    if (argument instanceof StageRequest request) {
      return request.member();
    }
    if (argument instanceof RecoverRequest request) {
      return request.member();
    }
    if (argument instanceof MemberRequest request) {
      return request.member();
    }
    return "-";
  }
}
