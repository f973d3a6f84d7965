package io.stillpoint.sim.virtual;

import io.temporal.api.command.v1.SignalExternalWorkflowExecutionCommandAttributes;
import io.temporal.api.command.v1.StartChildWorkflowExecutionCommandAttributes;
import io.temporal.api.common.v1.Payloads;
import io.temporal.api.common.v1.WorkflowExecution;
import io.temporal.api.common.v1.WorkflowType;
import io.temporal.api.enums.v1.EventType;
import io.temporal.api.enums.v1.ParentClosePolicy;
import io.temporal.api.enums.v1.SignalExternalWorkflowExecutionFailedCause;
import io.temporal.api.enums.v1.StartChildWorkflowExecutionFailedCause;
import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import io.temporal.api.history.v1.ChildWorkflowExecutionCanceledEventAttributes;
import io.temporal.api.history.v1.ChildWorkflowExecutionCompletedEventAttributes;
import io.temporal.api.history.v1.ChildWorkflowExecutionFailedEventAttributes;
import io.temporal.api.history.v1.ChildWorkflowExecutionStartedEventAttributes;
import io.temporal.api.history.v1.ChildWorkflowExecutionTerminatedEventAttributes;
import io.temporal.api.history.v1.ExternalWorkflowExecutionSignaledEventAttributes;
import io.temporal.api.history.v1.SignalExternalWorkflowExecutionFailedEventAttributes;
import io.temporal.api.history.v1.StartChildWorkflowExecutionFailedEventAttributes;
import io.temporal.api.history.v1.WorkflowExecutionCancelRequestedEventAttributes;
import io.temporal.api.history.v1.WorkflowExecutionSignaledEventAttributes;
import io.temporal.api.history.v1.WorkflowExecutionStartedEventAttributes;
import io.temporal.api.history.v1.WorkflowExecutionTerminatedEventAttributes;
import io.temporal.api.taskqueue.v1.TaskQueue;
import io.temporal.common.converter.DataConverter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.function.Supplier;

/**
 * A server and its workers. One thread; nothing happens but in {@link #runUntilClosed} and {@link
 * #drain}.
 */
public final class VirtualTemporal implements AutoCloseable {

  static final String NAMESPACE = "virtual";
  static final Duration TASK_TIMEOUT = Duration.ofSeconds(10);

  private static final int MOST_STEPS = 200_000;

  private final Agenda agenda = new Agenda();
  private final String workflowQueue;
  private final Timing timing;
  private final LocalActivities local = new LocalActivities(this);
  private final SdkWorker worker;
  private final Map<String, Execution> latest = new LinkedHashMap<>();
  private final List<Execution> all = new ArrayList<>();
  private final Map<Execution, ParentClosePolicy> policies = new HashMap<>();
  private final Map<String, Integer> generations = new HashMap<>();
  private final Map<String, Long> upAt = new HashMap<>();
  private int refusals;

  /**
   * @param workflowQueue the one queue whose workers run workflows
   * @param threads for workflow code; may be shared with others
   */
  public VirtualTemporal(
      String workflowQueue, Timing timing, DataConverter converter, ExecutorService threads) {
    this.workflowQueue = workflowQueue;
    this.timing = timing;
    this.worker = new SdkWorker(converter, threads, local);
  }

  public <R> void register(Class<R> workflow, Supplier<R> implementation) {
    worker.register(workflow, implementation);
  }

  /** Every worker of every queue is able to run them. */
  public void registerActivities(Object... implementations) {
    worker.register(implementations);
  }

  Agenda agenda() {
    return agenda;
  }

  Timing timing() {
    return timing;
  }

  SdkWorker worker() {
    return worker;
  }

  String workflowQueue() {
    return workflowQueue;
  }

  LocalActivities local() {
    return local;
  }

  public Execution start(String id, String type, Object... arguments) {
    Optional<Payloads> input = worker.converter().toPayloads(arguments);
    if (find(id).filter(Execution::isOpen).isPresent()) {
      throw new IllegalStateException(id + " runs already");
    }
    return start(id, type, input.orElse(Payloads.getDefaultInstance()), Optional.empty());
  }

  private Execution start(
      String id, String type, Payloads input, Optional<Execution.ChildLink> parent) {
    WorkflowType workflowType = WorkflowType.newBuilder().setName(type).build();
    Execution run = newRun(id, workflowType, parent);
    WorkflowExecution execution = run.id();
    WorkflowExecutionStartedEventAttributes.Builder started =
        WorkflowExecutionStartedEventAttributes.newBuilder()
            .setWorkflowId(id)
            .setWorkflowType(workflowType)
            .setTaskQueue(TaskQueue.newBuilder().setName(workflowQueue))
            .setInput(input)
            .setWorkflowTaskTimeout(Protos.duration(TASK_TIMEOUT))
            .setOriginalExecutionRunId(execution.getRunId())
            .setFirstExecutionRunId(execution.getRunId())
            .setAttempt(1);
    parent.ifPresent(
        p ->
            started
                .setParentWorkflowExecution(p.parent().id())
                .setParentInitiatedEventId(p.initiatedId()));
    run.deliver(
        "start",
        () ->
            run.append(
                EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED,
                e -> e.setWorkflowExecutionStartedEventAttributes(started)));
    return run;
  }

  private Execution newRun(String id, WorkflowType type, Optional<Execution.ChildLink> parent) {
    WorkflowExecution execution =
        WorkflowExecution.newBuilder()
            .setWorkflowId(id)
            .setRunId("run-" + (all.size() + 1))
            .build();
    Execution run = new Execution(this, execution, type, parent);
    latest.put(id, run);
    all.add(run);
    return run;
  }

  /**
   * Ends the run if it is open, and begins a second one that has its history up to a task. The
   * children of the first stay, as on servers, which know only the first as their parent.
   *
   * @param startedId one of {@link Execution#tasks()}
   */
  public Execution reset(Execution first, long startedId) {
    all.stream()
        .filter(child -> child.parent().filter(p -> p.parent() == first).isPresent())
        .forEach(child -> policies.put(child, ParentClosePolicy.PARENT_CLOSE_POLICY_ABANDON));
    terminate(first);
    Execution second = newRun(first.workflowId(), first.type(), first.parent());
    second.beginFrom(first, startedId);
    return second;
  }

  /** False if it does not end, or not before that much virtual time is over. */
  public boolean runUntilClosed(Execution execution, Duration limit) {
    long end = agenda.now() + limit.toMillis();
    for (int steps = 0; execution.isOpen(); steps++) {
      if (steps > MOST_STEPS || agenda.now() > end || !agenda.step()) {
        return false;
      }
    }
    return true;
  }

  /** Lets everything happen that is still under way; false if it does not come to an end. */
  public boolean drain() {
    for (int steps = 0; steps < MOST_STEPS; steps++) {
      if (!agenda.step()) {
        return true;
      }
    }
    return false;
  }

  /**
   * @throws RuntimeException what the failure decodes to, if it did not complete
   */
  public <T> T result(Execution execution, Class<T> type) {
    if (!execution.isCompleted()) {
      throw execution
          .failure()
          .map(worker.converter()::failureToException)
          .orElseGet(() -> new IllegalStateException(execution.status().name()));
    }
    return worker.converter().fromPayloads(0, execution.result(), type, type);
  }

  /** What the failure of one decodes to that has failed. */
  public RuntimeException failure(Execution execution) {
    return worker.converter().failureToException(execution.failure().orElseThrow());
  }

  public Optional<Execution> find(String id) {
    return Optional.ofNullable(latest.get(id));
  }

  public Optional<Execution> find(String id, String run) {
    return all.stream().filter(e -> e.workflowId().equals(id) && e.runId().equals(run)).findFirst();
  }

  public void cancel(Execution execution) {
    message(
        execution.runId(),
        () ->
            execution.deliver(
                "cancel",
                () ->
                    execution.append(
                        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED,
                        e ->
                            e.setWorkflowExecutionCancelRequestedEventAttributes(
                                WorkflowExecutionCancelRequestedEventAttributes.newBuilder()
                                    .setCause("virtual")))));
  }

  public void terminate(Execution execution) {
    if (!execution.isOpen()) {
      return;
    }
    execution.append(
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED,
        e ->
            e.setWorkflowExecutionTerminatedEventAttributes(
                WorkflowExecutionTerminatedEventAttributes.newBuilder().setReason("virtual")));
    execution.close(
        WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_TERMINATED,
        Optional.empty(),
        Optional.empty());
  }

  /** All workers of a queue die at once, whatever they are doing; others come later. */
  public void stopWorkers(String queue) {
    generations.merge(queue, 1, Integer::sum);
    upAt.put(queue, agenda.now() + timing.of(Timing.Step.RESTART, queue).toMillis());
    if (queue.equals(workflowQueue)) {
      all.forEach(Execution::forget);
    }
  }

  /** Tells the workers of before a restart from those after it. */
  int generation(String queue) {
    return generations.getOrDefault(queue, 0);
  }

  void whenUp(String queue, Runnable action) {
    long up = upAt.getOrDefault(queue, 0L);
    if (agenda.now() >= up) {
      action.run();
    } else {
      agenda.at(up, () -> whenUp(queue, action));
    }
  }

  /** The effect of an attempt that everybody has given up. */
  void late(Duration limit, String what, Runnable effect) {
    agenda.in(
        limit.plus(timing.of(Timing.Step.LATE, what)),
        () -> {
          try {
            effect.run();
          } catch (RuntimeException refused) {
            // Nobody hears of it any more, and refusing is the best that it can do.
            refusals++;
          }
        });
  }

  /** How many late effects were refused. */
  public int refusals() {
    return refusals;
  }

  private void message(String what, Runnable action) {
    agenda.in(timing.of(Timing.Step.MESSAGE, what), action);
  }

  void startChild(
      Execution parent, StartChildWorkflowExecutionCommandAttributes child, long initiatedId) {
    message(
        parent.runId() + " child",
        () -> {
          if (!parent.isOpen()
              && child.getParentClosePolicy() != ParentClosePolicy.PARENT_CLOSE_POLICY_ABANDON) {
            return;
          }
          if (find(child.getWorkflowId()).filter(Execution::isOpen).isPresent()) {
            childRefused(parent, child, initiatedId);
            return;
          }
          Execution run =
              start(
                  child.getWorkflowId(),
                  child.getWorkflowType().getName(),
                  child.getInput(),
                  Optional.of(new Execution.ChildLink(parent, initiatedId)));
          policies.put(run, child.getParentClosePolicy());
          parent.deliver(
              "child",
              () ->
                  parent.append(
                      EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_STARTED,
                      e ->
                          e.setChildWorkflowExecutionStartedEventAttributes(
                              ChildWorkflowExecutionStartedEventAttributes.newBuilder()
                                  .setInitiatedEventId(initiatedId)
                                  .setWorkflowExecution(run.id())
                                  .setWorkflowType(run.type()))));
        });
  }

  private static void childRefused(
      Execution parent, StartChildWorkflowExecutionCommandAttributes child, long initiatedId) {
    parent.deliver(
        "child",
        () ->
            parent.append(
                EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_FAILED,
                e ->
                    e.setStartChildWorkflowExecutionFailedEventAttributes(
                        StartChildWorkflowExecutionFailedEventAttributes.newBuilder()
                            .setInitiatedEventId(initiatedId)
                            .setWorkflowId(child.getWorkflowId())
                            .setWorkflowType(child.getWorkflowType())
                            .setCause(
                                StartChildWorkflowExecutionFailedCause
                                    .START_CHILD_WORKFLOW_EXECUTION_FAILED_CAUSE_WORKFLOW_ALREADY_EXISTS))));
  }

  void signalFrom(
      Execution source, SignalExternalWorkflowExecutionCommandAttributes signal, long initiatedId) {
    message(
        source.runId() + " signal",
        () -> {
          WorkflowExecution to = signal.getExecution();
          Optional<Execution> target =
              (to.getRunId().isEmpty()
                      ? find(to.getWorkflowId())
                      : find(to.getWorkflowId(), to.getRunId()))
                  .filter(Execution::isOpen);
          target.ifPresent(
              t ->
                  t.deliver(
                      "signal",
                      () ->
                          t.append(
                              EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
                              e ->
                                  e.setWorkflowExecutionSignaledEventAttributes(
                                      WorkflowExecutionSignaledEventAttributes.newBuilder()
                                          .setSignalName(signal.getSignalName())
                                          .setInput(signal.getInput())))));
          source.deliver("signalled", () -> signalled(source, to, target.isPresent(), initiatedId));
        });
  }

  private static void signalled(
      Execution source, WorkflowExecution to, boolean done, long initiatedId) {
    if (done) {
      source.append(
          EventType.EVENT_TYPE_EXTERNAL_WORKFLOW_EXECUTION_SIGNALED,
          e ->
              e.setExternalWorkflowExecutionSignaledEventAttributes(
                  ExternalWorkflowExecutionSignaledEventAttributes.newBuilder()
                      .setInitiatedEventId(initiatedId)
                      .setWorkflowExecution(to)));
    } else {
      source.append(
          EventType.EVENT_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_FAILED,
          e ->
              e.setSignalExternalWorkflowExecutionFailedEventAttributes(
                  SignalExternalWorkflowExecutionFailedEventAttributes.newBuilder()
                      .setInitiatedEventId(initiatedId)
                      .setWorkflowExecution(to)
                      .setCause(
                          SignalExternalWorkflowExecutionFailedCause
                              .SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_FAILED_CAUSE_EXTERNAL_WORKFLOW_EXECUTION_NOT_FOUND)));
    }
  }

  /** Its parent hears of it, its children end with it as their policy has it. */
  void closed(Execution execution) {
    execution
        .parent()
        .ifPresent(
            link ->
                message(
                    execution.runId() + " closed",
                    () -> link.parent().deliver("child closed", () -> tell(link, execution))));
    for (Execution child : List.copyOf(all)) {
      boolean ours = child.parent().filter(p -> p.parent() == execution).isPresent();
      if (ours && child.isOpen()) {
        message(execution.runId() + " close", () -> endWithParent(child));
      }
    }
  }

  private void endWithParent(Execution child) {
    switch (policies.get(child)) {
      case PARENT_CLOSE_POLICY_ABANDON -> {}
      case PARENT_CLOSE_POLICY_REQUEST_CANCEL -> cancel(child);
      default -> terminate(child);
    }
  }

  private static void tell(Execution.ChildLink link, Execution child) {
    switch (child.status()) {
      case WORKFLOW_EXECUTION_STATUS_COMPLETED ->
          link.parent()
              .append(
                  EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_COMPLETED,
                  e ->
                      e.setChildWorkflowExecutionCompletedEventAttributes(
                          ChildWorkflowExecutionCompletedEventAttributes.newBuilder()
                              .setInitiatedEventId(link.initiatedId())
                              .setWorkflowExecution(child.id())
                              .setWorkflowType(child.type())
                              .setResult(child.result().orElseThrow())));
      case WORKFLOW_EXECUTION_STATUS_FAILED ->
          link.parent()
              .append(
                  EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_FAILED,
                  e ->
                      e.setChildWorkflowExecutionFailedEventAttributes(
                          ChildWorkflowExecutionFailedEventAttributes.newBuilder()
                              .setInitiatedEventId(link.initiatedId())
                              .setWorkflowExecution(child.id())
                              .setWorkflowType(child.type())
                              .setFailure(child.failure().orElseThrow())));
      case WORKFLOW_EXECUTION_STATUS_CANCELED ->
          link.parent()
              .append(
                  EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_CANCELED,
                  e ->
                      e.setChildWorkflowExecutionCanceledEventAttributes(
                          ChildWorkflowExecutionCanceledEventAttributes.newBuilder()
                              .setInitiatedEventId(link.initiatedId())
                              .setWorkflowExecution(child.id())
                              .setWorkflowType(child.type())));
      default ->
          link.parent()
              .append(
                  EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_TERMINATED,
                  e ->
                      e.setChildWorkflowExecutionTerminatedEventAttributes(
                          ChildWorkflowExecutionTerminatedEventAttributes.newBuilder()
                              .setInitiatedEventId(link.initiatedId())
                              .setWorkflowExecution(child.id())
                              .setWorkflowType(child.type())));
    }
  }

  @Override
  public void close() {
    worker.close();
  }
}
