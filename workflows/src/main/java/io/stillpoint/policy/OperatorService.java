package io.stillpoint.policy;

import io.temporal.client.WorkflowClient;
import io.temporal.serviceclient.OperatorServiceStubs;
import io.temporal.serviceclient.OperatorServiceStubsOptions;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;

/** Temporal's service for administrators, reached as a client reaches all others. */
public final class OperatorService {

  private OperatorService() {}

  /** On the client's own connection, which alone would not carry its API key and headers. */
  public static OperatorServiceStubs of(WorkflowClient client) {
    WorkflowServiceStubsOptions own = client.getWorkflowServiceStubs().getOptions();
    OperatorServiceStubsOptions.Builder options =
        OperatorServiceStubsOptions.newBuilder()
            .setChannel(client.getWorkflowServiceStubs().getRawChannel())
            .setHeaders(own.getHeaders());
    own.getGrpcMetadataProviders().forEach(options::addGrpcMetadataProvider);
    return OperatorServiceStubs.newServiceStubs(options.validateAndBuildWithDefaults());
  }
}
