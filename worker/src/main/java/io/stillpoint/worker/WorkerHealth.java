package io.stillpoint.worker;

import io.grpc.StatusRuntimeException;
import io.micronaut.core.async.publisher.Publishers;
import io.micronaut.health.HealthStatus;
import io.micronaut.management.health.indicator.HealthIndicator;
import io.micronaut.management.health.indicator.HealthResult;
import io.micronaut.management.health.indicator.annotation.Readiness;
import io.micronaut.scheduling.TaskExecutors;
import io.temporal.api.workflowservice.v1.GetSystemInfoRequest;
import io.temporal.serviceclient.WorkflowServiceStubs;
import jakarta.inject.Named;
import jakarta.inject.Singleton;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import org.reactivestreams.Publisher;

/** UP exactly when this process polls its task queues and Temporal answers. */
@Singleton
@Readiness
final class WorkerHealth implements HealthIndicator {
  private static final String NAME = "temporal";

  private final WorkerLifecycle lifecycle;
  private final WorkflowServiceStubs stubs;
  private final ExecutorService blocking;

  WorkerHealth(
      WorkerLifecycle lifecycle,
      WorkflowServiceStubs stubs,
      @Named(TaskExecutors.BLOCKING) ExecutorService blocking) {
    this.lifecycle = lifecycle;
    this.stubs = stubs;
    this.blocking = blocking;
  }

  @Override
  public Publisher<HealthResult> getResult() {
    return Publishers.fromCompletableFuture(
        () -> CompletableFuture.supplyAsync(this::examine, blocking));
  }

  private HealthResult examine() {
    if (!lifecycle.isPolling()) {
      return result(HealthStatus.DOWN, "not polling");
    }
    try {
      stubs
          .blockingStub()
          .withDeadlineAfter(2, TimeUnit.SECONDS)
          .getSystemInfo(GetSystemInfoRequest.getDefaultInstance());
      return result(HealthStatus.UP, "polling");
    } catch (StatusRuntimeException e) {
      return result(HealthStatus.DOWN, "temporal does not answer: " + e.getStatus().getCode());
    }
  }

  private HealthResult result(HealthStatus status, String state) {
    return HealthResult.builder(NAME, status)
        .details(Map.of("state", state, "taskQueues", lifecycle.taskQueues()))
        .build();
  }
}
