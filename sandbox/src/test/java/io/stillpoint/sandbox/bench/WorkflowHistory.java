package io.stillpoint.sandbox.bench;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import io.temporal.api.common.v1.WorkflowExecution;
import io.temporal.api.history.v1.HistoryEvent;
import io.temporal.api.workflowservice.v1.GetWorkflowExecutionHistoryRequest;
import io.temporal.api.workflowservice.v1.GetWorkflowExecutionHistoryResponse;
import io.temporal.serviceclient.WorkflowServiceStubs;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A workflow's history as the server keeps it. */
public record WorkflowHistory(List<HistoryEvent> events) {

  public static WorkflowHistory of(WorkflowServiceStubs stubs, String workflowId) {
    List<HistoryEvent> events = new ArrayList<>();
    ByteString page = ByteString.EMPTY;
    do {
      GetWorkflowExecutionHistoryResponse reply =
          stubs
              .blockingStub()
              .getWorkflowExecutionHistory(
                  GetWorkflowExecutionHistoryRequest.newBuilder()
                      .setNamespace("default")
                      .setExecution(WorkflowExecution.newBuilder().setWorkflowId(workflowId))
                      .setNextPageToken(page)
                      .build());
      events.addAll(reply.getHistory().getEventsList());
      page = reply.getNextPageToken();
    } while (!page.isEmpty());
    return new WorkflowHistory(List.copyOf(events));
  }

  public long bytes() {
    return events.stream().mapToLong(HistoryEvent::getSerializedSize).sum();
  }

  /** No payload is larger than the event that carries it. */
  public long largestEvent() {
    return events.stream().mapToLong(HistoryEvent::getSerializedSize).max().orElse(0);
  }

  /** When the activities of these types ran that completed, from the last start of each. */
  List<Span> spans(Set<String> types) {
    Map<Long, String> scheduled = new HashMap<>();
    Map<Long, Double> started = new HashMap<>();
    List<Span> spans = new ArrayList<>();
    for (HistoryEvent event : events) {
      if (event.hasActivityTaskScheduledEventAttributes()) {
        scheduled.put(
            event.getEventId(),
            event.getActivityTaskScheduledEventAttributes().getActivityType().getName());
      } else if (event.hasActivityTaskStartedEventAttributes()) {
        started.put(
            event.getActivityTaskStartedEventAttributes().getScheduledEventId(),
            seconds(event.getEventTime()));
      } else if (event.hasActivityTaskCompletedEventAttributes()) {
        long id = event.getActivityTaskCompletedEventAttributes().getScheduledEventId();
        if (types.contains(scheduled.get(id))) {
          spans.add(new Span(started.get(id), seconds(event.getEventTime())));
        }
      }
    }
    return spans;
  }

  /** How long at least one activity of these types ran. */
  double secondsWithin(Set<String> types) {
    return Span.covered(spans(types));
  }

  private static double seconds(Timestamp time) {
    return time.getSeconds() + time.getNanos() / 1e9;
  }
}
