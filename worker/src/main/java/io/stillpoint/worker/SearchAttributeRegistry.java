package io.stillpoint.worker;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.stillpoint.policy.OperatorService;
import io.stillpoint.policy.SearchAttributes;
import io.temporal.api.enums.v1.IndexedValueType;
import io.temporal.api.operatorservice.v1.ListSearchAttributesRequest;
import io.temporal.client.WorkflowClient;
import io.temporal.serviceclient.OperatorServiceStubs;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks whether the namespace knows our search attributes. A server that does not know one fails
 * every task that sets it, so without a clear yes they are left out.
 */
final class SearchAttributeRegistry {
  private static final Logger log = LoggerFactory.getLogger(SearchAttributeRegistry.class);

  private SearchAttributeRegistry() {}

  static boolean knowsOurs(WorkflowClient client) {
    OperatorServiceStubs operator = OperatorService.of(client);
    try {
      Map<String, IndexedValueType> known =
          operator
              .blockingStub()
              .withDeadlineAfter(5, TimeUnit.SECONDS)
              .listSearchAttributes(
                  ListSearchAttributesRequest.newBuilder()
                      .setNamespace(client.getOptions().getNamespace())
                      .build())
              .getCustomAttributesMap();
      List<String> unusable =
          SearchAttributes.names().stream()
              .filter(n -> known.get(n) != IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD)
              .toList();
      if (!unusable.isEmpty()) {
        log.warn(
            "operations cannot be searched by cluster, backup or phase: namespace {} lacks the"
                + " search attributes {}. HINT: run 'stillpoint setup', then start this worker"
                + " again",
            client.getOptions().getNamespace(),
            String.join(", ", unusable));
      }
      return unusable.isEmpty();
    } catch (StatusRuntimeException e) {
      Status.Code code = e.getStatus().getCode();
      if (code == Status.Code.UNAVAILABLE || code == Status.Code.DEADLINE_EXCEEDED) {
        // Not an answer: the start is tried again.
        throw e;
      }
      log.info("search attributes are not used: the server does not list them ({})", code);
      return false;
    }
  }
}
