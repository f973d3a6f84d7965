package io.stillpoint.worker;

import io.grpc.StatusRuntimeException;
import io.micronaut.context.event.StartupEvent;
import io.micronaut.runtime.event.annotation.EventListener;
import io.stillpoint.activities.ErrorMappingInterceptor;
import io.stillpoint.error.TemporalProblems;
import io.stillpoint.lock.ResetFence;
import io.stillpoint.worker.settings.DeploymentEntry;
import io.stillpoint.worker.settings.WorkerSettings;
import io.temporal.api.workflowservice.v1.DescribeNamespaceRequest;
import io.temporal.client.WorkflowClient;
import io.temporal.common.VersioningBehavior;
import io.temporal.common.WorkerDeploymentVersion;
import io.temporal.common.interceptors.WorkerInterceptor;
import io.temporal.worker.Worker;
import io.temporal.worker.WorkerDeploymentOptions;
import io.temporal.worker.WorkerFactory;
import io.temporal.worker.WorkerFactoryOptions;
import io.temporal.worker.WorkerOptions;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts polling, however long Temporal stays away, and drains at the end. It is the only owner of
 * the Temporal workers.
 */
@Singleton
final class WorkerLifecycle {
  private static final Logger log = LoggerFactory.getLogger(WorkerLifecycle.class);
  private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
  private static final Duration LAST_RETRY = Duration.ofSeconds(15);
  private static final Duration PROBE = Duration.ofSeconds(5);
  private static final Duration FORCED = Duration.ofSeconds(5);
  // Two busy cores can hold a workflow thread up for longer than the SDK's default second.
  private static final long DEADLOCK_DETECTION_MILLIS = 10_000;

  private final WorkerSettings settings;
  private final WorkflowClient client;
  private final List<TaskQueueBinding> bindings;
  private final List<WorkerInterceptor> interceptors;
  private final Tracing tracing;
  private final CountDownLatch stopping = new CountDownLatch(1);
  private volatile WorkerFactory running;

  WorkerLifecycle(
      WorkerSettings settings,
      WorkflowClient client,
      Bindings bindings,
      List<WorkerInterceptor> interceptors,
      Tracing tracing) {
    this.interceptors = List.copyOf(interceptors);
    this.tracing = tracing;
    this.settings = settings;
    this.client = client;
    this.bindings = bindings.all();
  }

  @EventListener
  void start(StartupEvent event) {
    Thread thread = new Thread(this::startWhenPossible, "temporal-start");
    thread.setDaemon(true);
    thread.start();
  }

  /** Whether every task queue of this process is polled. */
  boolean isPolling() {
    WorkerFactory factory = running;
    return factory != null && factory.isStarted() && !factory.isShutdown();
  }

  List<String> taskQueues() {
    return bindings.stream().map(TaskQueueBinding::taskQueue).toList();
  }

  private void startWhenPossible() {
    Duration delay = FIRST_RETRY;
    try {
      while (!tryStart()) {
        if (stopping.await(delay.toMillis(), TimeUnit.MILLISECONDS)) {
          return;
        }
        delay =
            delay.multipliedBy(2).compareTo(LAST_RETRY) > 0 ? LAST_RETRY : delay.multipliedBy(2);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized boolean tryStart() {
    if (stopping.getCount() == 0) {
      return true;
    }
    // A factory whose start failed half-way cannot be started again, and cannot be shut down while
    // Temporal is away; so ask first.
    WorkerFactory factory;
    try {
      client
          .getWorkflowServiceStubs()
          .blockingStub()
          .withDeadlineAfter(PROBE.toMillis(), TimeUnit.MILLISECONDS)
          .describeNamespace(
              DescribeNamespaceRequest.newBuilder()
                  .setNamespace(client.getOptions().getNamespace())
                  .build());
      factory = newFactory();
      factory.start();
    } catch (StatusRuntimeException e) {
      String target = client.getWorkflowServiceStubs().getOptions().getTarget();
      log.warn(
          "{}. This worker keeps trying",
          TemporalProblems.of(e, target, client.getOptions().getNamespace()).text());
      return false;
    }
    running = factory;
    log.info("{} polls {}", client.getOptions().getIdentity(), String.join(", ", taskQueues()));
    return true;
  }

  private WorkerFactory newFactory() {
    WorkerFactory factory =
        WorkerFactory.newInstance(
            client,
            WorkerFactoryOptions.newBuilder()
                .setWorkerInterceptors(
                    Stream.of(
                            Stream.of(new ResetFence(), new ErrorMappingInterceptor()),
                            interceptors.stream(),
                            tracing.interceptor().stream())
                        .flatMap(all -> all)
                        .toArray(WorkerInterceptor[]::new))
                .setWorkflowCacheSize(Math.max(1, settings.temporal().cachedWorkflows()))
                .build());
    for (TaskQueueBinding binding : bindings) {
      Worker worker = factory.newWorker(binding.taskQueue(), options(binding));
      if (binding.workflows()) {
        Workflows.register(
            worker, SearchAttributeRegistry.knowsOurs(client), settings::retention, webhooks());
      }
      worker.registerActivitiesImplementations(binding.activities().toArray());
    }
    return factory;
  }

  private List<String> webhooks() {
    return settings.webhooks().keySet().stream().sorted().toList();
  }

  private WorkerOptions options(TaskQueueBinding binding) {
    WorkerOptions.Builder options =
        WorkerOptions.newBuilder()
            .setIdentity(client.getOptions().getIdentity())
            .setMaxConcurrentActivityExecutionSize(binding.slots())
            .setMaxConcurrentActivityTaskPollers(binding.pollers())
            .setMaxHeartbeatThrottleInterval(settings.timing().heartbeat())
            .setDefaultHeartbeatThrottleInterval(settings.timing().heartbeat())
            .setDefaultDeadlockDetectionTimeout(DEADLOCK_DETECTION_MILLIS);
    if (settings.temporal().cachedWorkflows() == 0) {
      // A cache size of zero would mean the SDK's own size. Without this time limit the server is
      // not told that this worker has the workflow at hand.
      options.setStickyQueueScheduleToStartTimeout(Duration.ZERO);
    }
    if (binding.workflows()) {
      settings.temporal().deployment().ifPresent(d -> options.setDeploymentOptions(pinned(d)));
    }
    return options.build();
  }

  /** Node agents have no versions: an agent of any build serves operations of every build. */
  private static WorkerDeploymentOptions pinned(DeploymentEntry deployment) {
    return WorkerDeploymentOptions.newBuilder()
        .setUseVersioning(true)
        .setVersion(new WorkerDeploymentVersion(deployment.name(), deployment.buildId()))
        .setDefaultVersioningBehavior(VersioningBehavior.PINNED)
        .build();
  }

  /** Lets activities finish, then interrupts them; each is fit to be resumed elsewhere. */
  @PreDestroy
  synchronized void stop() throws InterruptedException {
    stopping.countDown();
    WorkerFactory factory = running;
    if (factory == null) {
      return;
    }
    log.info("draining for at most {} s", settings.timing().drain().toSeconds());
    factory.shutdown();
    factory.awaitTermination(settings.timing().drain().toMillis(), TimeUnit.MILLISECONDS);
    if (!factory.isTerminated()) {
      log.warn("activities still run after the drain time and are interrupted");
      factory.shutdownNow();
      factory.awaitTermination(FORCED.toMillis(), TimeUnit.MILLISECONDS);
    }
  }
}
