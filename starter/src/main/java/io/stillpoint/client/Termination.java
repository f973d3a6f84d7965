package io.stillpoint.client;

import io.stillpoint.policy.SearchAttributes;
import io.temporal.api.common.v1.Payloads;
import io.temporal.api.history.v1.HistoryEvent;
import io.temporal.client.WorkflowExecutionDescription;
import io.temporal.common.SearchAttributeKey;
import io.temporal.common.converter.DataConverter;
import io.temporal.common.converter.DataConverterException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What Temporal alone knows of a workflow that was terminated.
 *
 * @param reason what the person typed who did it; may be empty
 * @param cluster where the server keeps search attributes
 * @param phase the last one that was told; where the server keeps search attributes
 * @param input what it was started with; empty if it cannot be read
 */
record Termination(
    String reason, Optional<String> cluster, Optional<String> phase, Map<String, Object> input) {

  static Termination of(
      WorkflowExecutionDescription workflow, List<HistoryEvent> history, DataConverter converter) {
    String reason =
        history.stream()
            .filter(HistoryEvent::hasWorkflowExecutionTerminatedEventAttributes)
            .map(e -> e.getWorkflowExecutionTerminatedEventAttributes().getReason())
            .findFirst()
            .orElse("");
    return new Termination(
        reason,
        attribute(workflow, SearchAttributes.CLUSTER),
        attribute(workflow, SearchAttributes.PHASE),
        input(history, converter));
  }

  /** One field of the input, if it is a text. */
  Optional<String> typed(String field) {
    return input.get(field) instanceof String text ? Optional.of(text) : Optional.empty();
  }

  private static Optional<String> attribute(
      WorkflowExecutionDescription workflow, SearchAttributeKey<String> key) {
    return Optional.ofNullable(workflow.getTypedSearchAttributes().get(key));
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> input(List<HistoryEvent> history, DataConverter converter) {
    try {
      return history.stream()
          .filter(HistoryEvent::hasWorkflowExecutionStartedEventAttributes)
          .map(e -> e.getWorkflowExecutionStartedEventAttributes().getInput())
          .filter(input -> input.getPayloadsCount() > 0)
          .map(input -> read(input, converter))
          .filter(Map.class::isInstance)
          .map(fields -> (Map<String, Object>) fields)
          .findFirst()
          .orElse(Map.of());
    } catch (DataConverterException e) {
      // Somebody typed what is no object, or it was encrypted by a key that is not here.
      return Map.of();
    }
  }

  private static Object read(Payloads input, DataConverter converter) {
    return converter.fromPayloads(0, Optional.of(input), Object.class, Object.class);
  }
}
