package io.stillpoint.worker;

import io.grpc.StatusRuntimeException;
import io.stillpoint.policy.SearchAttributes;
import io.temporal.api.operatorservice.v1.ListSearchAttributesRequest;
import io.temporal.client.WorkflowClient;
import io.temporal.serviceclient.OperatorServiceStubs;
import io.temporal.serviceclient.OperatorServiceStubsOptions;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks whether the namespace knows our search attributes. A server that does not know one fails
 * every task that sets it, so without a clear yes they are left out.
 */
final class SearchAttributeRegistry {
  private static final Logger log = LoggerFactory.getLogger(SearchAttributeRegistry.class);
  private static final List<String> NAMES =
      List.of(
          SearchAttributes.CLUSTER.getName(),
          SearchAttributes.BACKUP.getName(),
          SearchAttributes.PHASE.getName(),
          SearchAttributes.POINT.getName());

  private SearchAttributeRegistry() {}

  static boolean knowsOurs(WorkflowClient client) {
    OperatorServiceStubs operator =
        OperatorServiceStubs.newServiceStubs(
            OperatorServiceStubsOptions.newBuilder()
                .setChannel(client.getWorkflowServiceStubs().getRawChannel())
                .validateAndBuildWithDefaults());
    try {
      Set<String> known =
          operator
              .blockingStub()
              .withDeadlineAfter(5, TimeUnit.SECONDS)
              .listSearchAttributes(
                  ListSearchAttributesRequest.newBuilder()
                      .setNamespace(client.getOptions().getNamespace())
                      .build())
              .getCustomAttributesMap()
              .keySet();
      boolean all = known.containsAll(NAMES);
      if (!all) {
        log.info(
            "operations cannot be searched by cluster or phase. HINT: temporal operator"
                + " search-attribute create --type Keyword --name {}",
            String.join(" --name ", NAMES));
      }
      return all;
    } catch (StatusRuntimeException e) {
      log.info(
          "search attributes are not used: the server does not list them ({})",
          e.getStatus().getCode());
      return false;
    }
  }
}
