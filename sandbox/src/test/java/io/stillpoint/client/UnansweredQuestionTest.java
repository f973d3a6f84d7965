package io.stillpoint.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.sandbox.temporal.DevServer;
import io.temporal.activity.ActivityInterface;
import io.temporal.activity.LocalActivityOptions;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowOptions;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import io.temporal.worker.Worker;
import io.temporal.worker.WorkerFactory;
import io.temporal.workflow.QueryMethod;
import io.temporal.workflow.Workflow;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What only a real server says of a workflow: the in-memory one knows nothing of its tasks. */
@Tag("temporal-server")
class UnansweredQuestionTest {
  private static final String QUEUE = "q";
  private static final Duration SHORT = Duration.ofMillis(700);

  /** A step that runs within the workflow's own task. */
  @ActivityInterface
  public interface Step {
    void take();
  }

  @WorkflowInterface
  public interface Stepping {
    @WorkflowMethod
    void run();

    @QueryMethod
    String describe();
  }

  public static final class SteppingImpl implements Stepping {
    @Override
    public void run() {
      Workflow.newLocalActivityStub(
              Step.class,
              LocalActivityOptions.newBuilder()
                  .setStartToCloseTimeout(Duration.ofMinutes(1))
                  .build())
          .take();
    }

    @Override
    public String describe() {
      return "here";
    }
  }

  @TempDir private Path directory;
  private DevServer server;
  private WorkflowServiceStubs stubs;
  private WorkflowClient client;
  private WorkerFactory workers;
  private final CountDownLatch taken = new CountDownLatch(1);
  private final CountDownLatch done = new CountDownLatch(1);

  @BeforeEach
  void start() {
    Optional<Path> program = DevServer.installed();
    Assumptions.assumeTrue(
        program.isPresent(), "skipped: no program 'temporal' on the PATH or in ~/go/bin");
    server = DevServer.start(program.get(), directory, false);
    stubs =
        WorkflowServiceStubs.newServiceStubs(
            WorkflowServiceStubsOptions.newBuilder().setTarget(server.address()).build());
    client = WorkflowClient.newInstance(stubs);
    workers = WorkerFactory.newInstance(client);
  }

  @AfterEach
  void stop() {
    done.countDown();
    if (server != null) {
      workers.shutdownNow();
      stubs.shutdownNow();
      server.close();
    }
  }

  private void startWorker() {
    Worker worker = workers.newWorker(QUEUE);
    worker.registerWorkflowImplementationTypes(SteppingImpl.class);
    worker.registerActivitiesImplementations(
        (Step)
            () -> {
              taken.countDown();
              try {
                done.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    workers.start();
  }

  private WorkflowHandle started() {
    client
        .newUntypedWorkflowStub(
            "Stepping",
            WorkflowOptions.newBuilder().setTaskQueue(QUEUE).setWorkflowId("restore/r1").build())
        .start();
    return new WorkflowHandle(client, "restore/r1", "restore 'r1'", SHORT, SHORT);
  }

  private static StillpointException unanswered(WorkflowHandle handle) {
    return catchThrowableOfType(
        StillpointException.class, () -> handle.query("describe", String.class));
  }

  @Test
  void shouldSayThatAWorkerIsBusyWithAStep() {
    startWorker();
    WorkflowHandle handle = started();
    await().until(() -> taken.getCount() == 0);

    StillpointException e = unanswered(handle);

    assertThat(e.code()).isEqualTo(ErrorCode.NO_WORKER);
    assertThat(e)
        .hasMessageContaining("restore 'r1' did not answer")
        .hasMessageContaining("its control worker has been at one of its steps since 20");
  }

  @Test
  void shouldSayThatNoWorkerTookTheQuestionUp() {
    WorkflowHandle handle = started();

    assertThat(unanswered(handle)).hasMessageContaining("no control worker took the question up");
  }
}
