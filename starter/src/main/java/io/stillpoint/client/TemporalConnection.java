package io.stillpoint.client;

import io.grpc.StatusRuntimeException;
import io.stillpoint.error.TemporalProblems;
import io.stillpoint.payload.PayloadKeys;
import io.stillpoint.policy.Payloads;
import io.temporal.api.workflowservice.v1.DescribeNamespaceRequest;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.envconfig.ClientConfigProfile;
import io.temporal.envconfig.LoadClientConfigProfileOptions;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** Connects to Temporal, or says within seconds that it cannot. */
final class TemporalConnection {
  private static final long CONNECT_SECONDS = 10;

  private TemporalConnection() {}

  static WorkflowClient open(ConnectionOptions options) {
    PayloadKeys keys = PayloadKeys.fromEnvironment(options.environment());
    ClientConfigProfile profile = profile(options);
    WorkflowServiceStubs stubs = WorkflowServiceStubs.newServiceStubs(stubOptions(profile));
    try {
      // A namespace that does not exist is told here too, not as a mystery later.
      stubs
          .blockingStub()
          .withDeadlineAfter(CONNECT_SECONDS, TimeUnit.SECONDS)
          .describeNamespace(
              DescribeNamespaceRequest.newBuilder().setNamespace(profile.getNamespace()).build());
    } catch (StatusRuntimeException e) {
      stubs.shutdownNow();
      throw TemporalProblems.of(e, stubs.getOptions().getTarget(), profile.getNamespace());
    }
    return WorkflowClient.newInstance(
        stubs,
        WorkflowClientOptions.newBuilder(profile.toWorkflowClientOptions())
            .setDataConverter(Payloads.converter(keys))
            .build());
  }

  private static WorkflowServiceStubsOptions stubOptions(ClientConfigProfile profile) {
    try {
      return profile.toWorkflowServiceStubsOptions();
    } catch (RuntimeException e) {
      // The files of certificates and keys are read here.
      throw TemporalProblems.ofProfile(e);
    }
  }

  private static ClientConfigProfile profile(ConnectionOptions options) {
    ClientConfigProfile loaded;
    try {
      loaded =
          ClientConfigProfile.load(
              LoadClientConfigProfileOptions.newBuilder()
                  .setEnvOverrides(options.environment())
                  .build());
    } catch (IOException | RuntimeException e) {
      throw TemporalProblems.ofProfile(e);
    }
    return loaded.toBuilder()
        .setAddress(options.address().orElse(or(loaded.getAddress(), "127.0.0.1:7233")))
        .setNamespace(options.namespace().orElse(or(loaded.getNamespace(), "default")))
        .build();
  }

  private static String or(String value, String fallback) {
    return value == null || value.isBlank() ? fallback : value;
  }
}
