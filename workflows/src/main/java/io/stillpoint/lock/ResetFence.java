package io.stillpoint.lock;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.Failures;
import io.temporal.activity.ActivityExecutionContext;
import io.temporal.activity.ActivityInfo;
import io.temporal.api.common.v1.Payload;
import io.temporal.common.converter.DefaultDataConverter;
import io.temporal.common.interceptors.ActivityInboundCallsInterceptor;
import io.temporal.common.interceptors.ActivityInboundCallsInterceptorBase;
import io.temporal.common.interceptors.Header;
import io.temporal.common.interceptors.WorkerInterceptorBase;
import io.temporal.common.interceptors.WorkflowInboundCallsInterceptor;
import io.temporal.common.interceptors.WorkflowInboundCallsInterceptorBase;
import io.temporal.common.interceptors.WorkflowOutboundCallsInterceptor;
import io.temporal.common.interceptors.WorkflowOutboundCallsInterceptorBase;
import io.temporal.workflow.Workflow;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Keeps a workflow that was reset from working on. Its second run believes what it replays: that it
 * holds the cluster's lock, cursors, and members that it has stopped. The lock has ended with the
 * first run, or may be taken from the second at any moment, because the server knows only the first
 * run as its parent.
 *
 * <p>Each activity is told the run that wrote the workflow's start, which a reset leaves as it is,
 * and holds it against the run that it works for. So it needs nothing in the history, and a step is
 * refused wherever the reset was to, also one that the first run had scheduled already.
 */
public final class ResetFence extends WorkerInterceptorBase {

  private static final String FIRST_RUN = "stillpoint-first-run";

  /**
   * What a second run may do: take back by name what the first one left, which never touches what a
   * manifest promises, and tell how it ended. Not the balancer: another operation may have stopped
   * it since, and the first run's record has the next one give it back.
   */
  private static final Set<String> HARMLESS =
      Set.of(
          "CatalogEnd",
          "CursorClose",
          "CursorCloseOrphans",
          "NotificationSend",
          "RecoveryAfterReset",
          "SnapshotDelete");

  @Override
  public WorkflowInboundCallsInterceptor interceptWorkflow(WorkflowInboundCallsInterceptor next) {
    return new WorkflowInboundCallsInterceptorBase(next) {
      @Override
      public void init(WorkflowOutboundCallsInterceptor outbound) {
        super.init(new Sending(outbound));
      }
    };
  }

  @Override
  public ActivityInboundCallsInterceptor interceptActivity(ActivityInboundCallsInterceptor next) {
    return new ActivityInboundCallsInterceptorBase(next) {
      private ActivityInfo info;

      @Override
      public void init(ActivityExecutionContext context) {
        info = context.getInfo();
        super.init(context);
      }

      @Override
      public ActivityOutput execute(ActivityInput input) {
        Payload first = input.getHeader().getValues().get(FIRST_RUN);
        if (first != null && !text(first).equals(info.getWorkflowRunId())) {
          throw Failures.of(
              ErrorCode.OPERATION_RESET,
              "step %s is refused: workflow '%s' was reset, and its second run holds nothing of what the first one held"
                  .formatted(info.getActivityType(), info.getWorkflowId()),
              "see with stillpoint status whether something is left to recover; then start the operation again under another name");
        }
        return super.execute(input);
      }
    };
  }

  private static String text(Payload payload) {
    return DefaultDataConverter.STANDARD_INSTANCE.fromPayload(payload, String.class, String.class);
  }

  /** Tells each activity which run wrote the workflow's start. */
  private static final class Sending extends WorkflowOutboundCallsInterceptorBase {

    Sending(WorkflowOutboundCallsInterceptor next) {
      super(next);
    }

    @Override
    public <R> ActivityOutput<R> executeActivity(ActivityInput<R> input) {
      return super.executeActivity(
          new ActivityInput<>(
              input.getActivityName(),
              input.getResultClass(),
              input.getResultType(),
              input.getArgs(),
              input.getOptions(),
              header(input.getActivityName(), input.getHeader())));
    }

    @Override
    public <R> LocalActivityOutput<R> executeLocalActivity(LocalActivityInput<R> input) {
      return super.executeLocalActivity(
          new LocalActivityInput<>(
              input.getActivityName(),
              input.getResultClass(),
              input.getResultType(),
              input.getArgs(),
              input.getOptions(),
              header(input.getActivityName(), input.getHeader())));
    }

    private static Header header(String activity, Header header) {
      String first = Workflow.getInfo().getOriginalExecutionRunId();
      if (HARMLESS.contains(activity) || first == null || first.isEmpty()) {
        return header;
      }
      Map<String, Payload> values = new HashMap<>(header.getValues());
      values.put(FIRST_RUN, DefaultDataConverter.STANDARD_INSTANCE.toPayload(first).orElseThrow());
      return new Header(values);
    }
  }
}
