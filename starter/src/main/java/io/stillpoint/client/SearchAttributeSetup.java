package io.stillpoint.client;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.error.TemporalProblems;
import io.stillpoint.policy.OperatorService;
import io.stillpoint.policy.SearchAttributes;
import io.temporal.api.enums.v1.IndexedValueType;
import io.temporal.api.operatorservice.v1.AddSearchAttributesRequest;
import io.temporal.api.operatorservice.v1.ListSearchAttributesRequest;
import io.temporal.client.WorkflowClient;
import io.temporal.serviceclient.OperatorServiceStubs;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** Registers the attributes by which operations are found in Temporal's lists. */
final class SearchAttributeSetup {
  private static final long CALL_SECONDS = 10;
  private static final int LOOKS = 100;
  private static final long BETWEEN_LOOKS_MILLIS = 200;

  private final WorkflowClient client;
  private final OperatorServiceStubs operator;

  SearchAttributeSetup(WorkflowClient client) {
    this.client = client;
    operator = OperatorService.of(client);
  }

  /** Returns the names that were missing; none if all was done before. */
  List<String> register() {
    List<String> missing = missing();
    if (missing.isEmpty()) {
      return missing;
    }
    Map<String, IndexedValueType> wanted = new TreeMap<>();
    missing.forEach(n -> wanted.put(n, IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD));
    try {
      operator
          .blockingStub()
          .withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS)
          .addSearchAttributes(
              AddSearchAttributesRequest.newBuilder()
                  .setNamespace(namespace())
                  .putAllSearchAttributes(wanted)
                  .build());
    } catch (StatusRuntimeException e) {
      // Two set-ups at once: the other one was faster, which is as good.
      if (e.getStatus().getCode() != Status.Code.ALREADY_EXISTS) {
        throw refused(e, "add");
      }
    }
    awaitVisible();
    return missing;
  }

  private List<String> missing() {
    Map<String, IndexedValueType> known;
    try {
      known =
          operator
              .blockingStub()
              .withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS)
              .listSearchAttributes(
                  ListSearchAttributesRequest.newBuilder().setNamespace(namespace()).build())
              .getCustomAttributesMap();
    } catch (StatusRuntimeException e) {
      throw refused(e, "list");
    }
    for (String name : SearchAttributes.names()) {
      IndexedValueType type = known.get(name);
      if (type != null && type != IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD) {
        throw new StillpointException(
            ErrorCode.TEMPORAL_REFUSED,
            "search attribute %s exists as %s, but must be Keyword".formatted(name, word(type)),
            "remove it with: temporal operator search-attribute remove --name " + name);
      }
    }
    return SearchAttributes.names().stream().filter(n -> !known.containsKey(n)).toList();
  }

  private void awaitVisible() {
    for (int look = 0; look < LOOKS; look++) {
      if (missing().isEmpty()) {
        return;
      }
      try {
        TimeUnit.MILLISECONDS.sleep(BETWEEN_LOOKS_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new StillpointException(ErrorCode.CANCELLED, "the set-up was interrupted", "", e);
      }
    }
    throw new StillpointException(
        ErrorCode.TEMPORAL_REFUSED,
        "temporal took the search attributes, but does not list them after %d s"
            .formatted(LOOKS * BETWEEN_LOOKS_MILLIS / 1000),
        "run it again; what is registered stays");
  }

  private StillpointException refused(StatusRuntimeException e, String verb) {
    String byHand =
        "temporal operator search-attribute create --namespace %s --type Keyword --name %s"
            .formatted(namespace(), String.join(" --name ", SearchAttributes.names()));
    return switch (e.getStatus().getCode()) {
      case PERMISSION_DENIED, UNAUTHENTICATED ->
          new StillpointException(
              ErrorCode.TEMPORAL_REFUSED,
              "these credentials may not %s search attributes of namespace '%s' (%s)"
                  .formatted(verb, namespace(), e.getStatus().getCode()),
              "let an administrator run: " + byHand,
              e);
      case UNIMPLEMENTED ->
          new StillpointException(
              ErrorCode.TEMPORAL_REFUSED,
              "this temporal server cannot %s search attributes".formatted(verb),
              "nothing needs them; on a server that keeps them: " + byHand,
              e);
      default -> TemporalProblems.of(e, "its address", namespace());
    };
  }

  private String namespace() {
    return client.getOptions().getNamespace();
  }

  private static String word(IndexedValueType type) {
    return type.name().replace("INDEXED_VALUE_TYPE_", "");
  }
}
