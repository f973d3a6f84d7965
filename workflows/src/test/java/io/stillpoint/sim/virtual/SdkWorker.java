package io.stillpoint.sim.virtual;

import com.uber.m3.tally.NoopScope;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.stillpoint.lock.ResetFence;
import io.temporal.activity.ActivityInfo;
import io.temporal.api.taskqueue.v1.TaskQueue;
import io.temporal.api.workflowservice.v1.GetSystemInfoResponse;
import io.temporal.api.workflowservice.v1.PollActivityTaskQueueResponse;
import io.temporal.api.workflowservice.v1.PollWorkflowTaskQueueResponse;
import io.temporal.api.workflowservice.v1.WorkflowServiceGrpc;
import io.temporal.client.ActivityCanceledException;
import io.temporal.common.converter.DataConverter;
import io.temporal.common.interceptors.WorkerInterceptor;
import io.temporal.failure.ApplicationFailure;
import io.temporal.internal.activity.ActivityExecutionContextFactory;
import io.temporal.internal.activity.ActivityTaskHandlerImpl;
import io.temporal.internal.replay.ReplayWorkflowTaskHandler;
import io.temporal.internal.sync.POJOWorkflowImplementationFactory;
import io.temporal.internal.worker.ActivityTask;
import io.temporal.internal.worker.ActivityTaskHandler;
import io.temporal.internal.worker.LocalActivityDispatcher;
import io.temporal.internal.worker.SingleWorkerOptions;
import io.temporal.internal.worker.WorkflowExecutorCache;
import io.temporal.internal.worker.WorkflowRunLockManager;
import io.temporal.internal.worker.WorkflowTaskHandler;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.worker.WorkflowImplementationOptions;
import io.temporal.worker.tuning.SlotPermit;
import io.temporal.workflow.Functions;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The SDK's worker without its pollers: it is handed a task and gives back what a worker would
 * send. The only class that touches internals of the SDK.
 */
final class SdkWorker implements AutoCloseable {

  private static final int MOST_CACHED = 1_000;
  private static final WorkerInterceptor[] INTERCEPTORS = {new ResetFence()};

  private final DataConverter converter;
  private final WorkflowExecutorCache cache;
  private final POJOWorkflowImplementationFactory workflows;
  private final WorkflowTaskHandler decider;
  private final ActivityTaskHandlerImpl activities;
  private AttemptContext context;

  /**
   * @param threads runs workflow code, one thread at a time for each worker
   */
  SdkWorker(DataConverter converter, ExecutorService threads, LocalActivityDispatcher local) {
    this.converter = converter;
    this.cache =
        new WorkflowExecutorCache(MOST_CACHED, new WorkflowRunLockManager(), new NoopScope());
    SingleWorkerOptions options =
        SingleWorkerOptions.newBuilder()
            .setIdentity("virtual")
            .setDataConverter(converter)
            .setMetricsScope(new NoopScope())
            // Real time: a busy machine is no deadlock.
            .setDefaultDeadlockDetectionTimeout(TimeUnit.HOURS.toMillis(1))
            .build();
    workflows =
        new POJOWorkflowImplementationFactory(
            options, threads::submit, INTERCEPTORS, cache, VirtualTemporal.NAMESPACE);
    decider =
        new ReplayWorkflowTaskHandler(
            VirtualTemporal.NAMESPACE,
            workflows,
            cache,
            options,
            TaskQueue.newBuilder().setName("sticky").build(),
            Duration.ofSeconds(5),
            noServer(),
            local);
    activities =
        new ActivityTaskHandlerImpl(
            VirtualTemporal.NAMESPACE, "virtual", converter, contexts(), INTERCEPTORS, List.of());
  }

  <R> void register(Class<R> workflow, Supplier<R> implementation) {
    workflows.addWorkflowImplementationFactory(
        WorkflowImplementationOptions.getDefaultInstance(),
        workflow,
        arguments -> implementation.get());
  }

  void register(Object... implementations) {
    activities.registerActivityImplementations(implementations);
  }

  DataConverter converter() {
    return converter;
  }

  /** What the workflow decides next. */
  WorkflowTaskHandler.Result decide(PollWorkflowTaskQueueResponse task) {
    try {
      return decider.handleWorkflowTask(task);
    } catch (Exception e) {
      throw new IllegalStateException("a workflow task was not handled", e);
    }
  }

  /** Runs an activity within the calling thread. */
  Outcome perform(PollActivityTaskQueueResponse task, AttemptContext attempt, boolean local) {
    context = attempt;
    ActivityTaskHandler.Result result =
        activities.handle(
            new ActivityTask(task, new SlotPermit(), () -> {}), new NoopScope(), local);
    if (result.getTaskCanceled() != null) {
      return new Outcome.Canceled();
    }
    if (result.getTaskFailed() != null) {
      return failed(result.getTaskFailed().getFailure());
    }
    return new Outcome.Completed(
        result.getTaskCompleted().hasResult()
            ? Optional.of(result.getTaskCompleted().getResult())
            : Optional.empty());
  }

  /** What a worker reports of an activity that threw this. */
  Outcome failed(Throwable thrown) {
    if (thrown instanceof Fate fate) {
      return new Outcome.Interrupted(fate);
    }
    if (thrown instanceof ActivityCanceledException) {
      return new Outcome.Canceled();
    }
    Optional<Duration> delay =
        thrown instanceof ApplicationFailure failure
            ? Optional.ofNullable(failure.getNextRetryDelay())
            : Optional.empty();
    return new Outcome.Failed(converter.exceptionToFailure(thrown), delay);
  }

  @Override
  public void close() {
    cache.invalidateAll();
  }

  /** A proxy, because a type in the signature is not public. */
  private ActivityExecutionContextFactory contexts() {
    return (ActivityExecutionContextFactory)
        Proxy.newProxyInstance(
            SdkWorker.class.getClassLoader(),
            new Class<?>[] {ActivityExecutionContextFactory.class},
            (proxy, method, arguments) ->
                method.getName().equals("createContext")
                    ? context.of((ActivityInfo) arguments[0])
                    : false);
  }

  /** The worker asks its server for no more than what it is able to do. */
  private static WorkflowServiceStubs noServer() {
    Functions.Func<GetSystemInfoResponse.Capabilities> capabilities =
        () ->
            GetSystemInfoResponse.Capabilities.newBuilder()
                .setSdkMetadata(true)
                .setActivityFailureIncludeHeartbeat(true)
                .setEncodedFailureAttributes(true)
                .build();
    Supplier<GetSystemInfoResponse.Capabilities> supplier = capabilities::apply;
    return (WorkflowServiceStubs)
        Proxy.newProxyInstance(
            SdkWorker.class.getClassLoader(),
            new Class<?>[] {WorkflowServiceStubs.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "getServerCapabilities" -> supplier;
                  case "futureStub" -> WorkflowServiceGrpc.newFutureStub(new NoChannel());
                  default -> throw new UnsupportedOperationException(method.toString());
                });
  }

  /** Nobody answers. */
  private static final class NoChannel extends Channel {
    @Override
    public <Q, A> ClientCall<Q, A> newCall(MethodDescriptor<Q, A> method, CallOptions options) {
      return new ClientCall<>() {
        @Override
        public void start(Listener<A> listener, Metadata headers) {}

        @Override
        public void request(int messages) {}

        @Override
        public void cancel(String message, Throwable cause) {}

        @Override
        public void halfClose() {}

        @Override
        public void sendMessage(Q message) {}
      };
    }

    @Override
    public String authority() {
      return "nobody";
    }
  }
}
