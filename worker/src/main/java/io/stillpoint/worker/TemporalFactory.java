package io.stillpoint.worker;

import com.uber.m3.tally.RootScopeBuilder;
import com.uber.m3.tally.Scope;
import io.micrometer.core.instrument.MeterRegistry;
import io.micronaut.context.annotation.Bean;
import io.micronaut.context.annotation.Factory;
import io.stillpoint.error.TemporalProblems;
import io.stillpoint.policy.Payloads;
import io.stillpoint.worker.settings.TemporalEntry;
import io.stillpoint.worker.settings.WorkerSettings;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.common.reporter.MicrometerClientStatsReporter;
import io.temporal.envconfig.ClientConfigProfile;
import io.temporal.envconfig.LoadClientConfigProfileOptions;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/**
 * The connection to Temporal: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_TLS_*,
 * TEMPORAL_API_KEY and the profile file, as for every Temporal tool; then the worker's own file.
 */
@Factory
final class TemporalFactory {
  private static final com.uber.m3.util.Duration REPORT_EVERY =
      com.uber.m3.util.Duration.ofSeconds(10);

  @Singleton
  ClientConfigProfile profile(WorkerSettings settings, ProcessEnvironment environment) {
    return profile(settings.temporal(), environment.variables());
  }

  static ClientConfigProfile profile(TemporalEntry file, Map<String, String> environment) {
    ClientConfigProfile loaded;
    try {
      loaded =
          ClientConfigProfile.load(
              LoadClientConfigProfileOptions.newBuilder().setEnvOverrides(environment).build());
    } catch (IOException | RuntimeException e) {
      throw TemporalProblems.ofProfile(e);
    }
    ClientConfigProfile.Builder profile = loaded.toBuilder();
    profile.setAddress(first(loaded.getAddress(), file.address(), "127.0.0.1:7233"));
    profile.setNamespace(first(loaded.getNamespace(), file.namespace(), "default"));
    return profile.build();
  }

  private static String first(String loaded, Optional<String> own, String fallback) {
    return loaded == null || loaded.isBlank() ? own.orElse(fallback) : loaded;
  }

  @Singleton
  @Bean(preDestroy = "close")
  Scope metrics(MeterRegistry registry) {
    return new RootScopeBuilder()
        .reporter(new MicrometerClientStatsReporter(registry))
        .reportEvery(REPORT_EVERY);
  }

  @Singleton
  @Bean(preDestroy = "close")
  Tracing tracing(WorkerSettings settings, ProcessEnvironment environment) {
    return Tracing.configured(environment.variables(), Identities.process(settings));
  }

  static WorkflowServiceStubsOptions options(ClientConfigProfile profile) {
    try {
      return profile.toWorkflowServiceStubsOptions();
    } catch (RuntimeException e) {
      // The files of certificates and keys are read here.
      throw TemporalProblems.ofProfile(e);
    }
  }

  /** Lazy: a Temporal server that is down now does not keep the process from starting. */
  @Singleton
  @Bean(preDestroy = "shutdown")
  WorkflowServiceStubs stubs(ClientConfigProfile profile, Scope metrics) {
    return WorkflowServiceStubs.newServiceStubs(
        WorkflowServiceStubsOptions.newBuilder(options(profile)).setMetricsScope(metrics).build());
  }

  @Singleton
  WorkflowClient client(
      WorkflowServiceStubs stubs, ClientConfigProfile profile, WorkerSettings settings) {
    return WorkflowClient.newInstance(
        stubs,
        WorkflowClientOptions.newBuilder(profile.toWorkflowClientOptions())
            .setDataConverter(Payloads.converter(settings.temporal().payloadKeys()))
            .setIdentity(Identities.process(settings))
            .build());
  }
}
