package io.stillpoint.sandbox.mongo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.stillpoint.activities.ErrorMappingInterceptor;
import io.stillpoint.activities.MongoActivities;
import io.stillpoint.activities.TemporalOperationLink;
import io.stillpoint.activity.CursorActivities;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.Failures;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.BackupCursor;
import io.stillpoint.model.ReplicaSetRole;
import io.stillpoint.sandbox.cluster.ClusterSpec;
import io.stillpoint.sandbox.cluster.LocalCluster;
import io.stillpoint.sandbox.cluster.LocalServer;
import io.stillpoint.sandbox.cluster.ServerPrograms;
import io.temporal.activity.ActivityOptions;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowFailedException;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import io.temporal.common.RetryOptions;
import io.temporal.testing.TestEnvironmentOptions;
import io.temporal.testing.TestWorkflowEnvironment;
import io.temporal.worker.Worker;
import io.temporal.worker.WorkerFactory;
import io.temporal.worker.WorkerFactoryOptions;
import io.temporal.workflow.QueryMethod;
import io.temporal.workflow.SignalMethod;
import io.temporal.workflow.Workflow;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who keeps a cursor alive, and who closes it, as workers and workflows come and go. */
final class KeepAliveTest {

  private static final String QUEUE = "keep-alive";
  private static final String WORKFLOWS = "workflows";
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @WorkflowInterface
  public interface Keeping {
    @WorkflowMethod
    void run(BackupCursor cursor);

    @SignalMethod
    void cursorAdopted(String set, String holder);

    @QueryMethod
    List<String> adoptions();
  }

  public static final class KeepingImpl implements Keeping {
    private final List<String> adoptions = new ArrayList<>();

    @Override
    public void run(BackupCursor cursor) {
      Workflow.newActivityStub(
              CursorActivities.class,
              ActivityOptions.newBuilder()
                  .setTaskQueue(QUEUE)
                  .setStartToCloseTimeout(Duration.ofMinutes(10))
                  .setHeartbeatTimeout(Duration.ofSeconds(6))
                  .setRetryOptions(
                      RetryOptions.newBuilder().setInitialInterval(Duration.ofMillis(100)).build())
                  .build())
          .keepAlive(cursor);
    }

    @Override
    public void cursorAdopted(String set, String holder) {
      adoptions.add(set + " " + holder);
    }

    @Override
    public List<String> adoptions() {
      return adoptions;
    }
  }

  @TempDir private static Path directory;
  private static LocalCluster cluster;

  private final List<AutoCloseable> toClose = new ArrayList<>();
  private TestWorkflowEnvironment temporal;
  private Adapters observer;
  private BackupCursor cursor;

  @BeforeAll
  static void start() {
    cluster =
        LocalCluster.start(
            ClusterSpec.replicaSet(
                directory.resolve("cluster"), ServerPrograms.fromSystemProperties(), 1));
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @BeforeEach
  void open() {
    temporal =
        TestWorkflowEnvironment.newInstance(
            TestEnvironmentOptions.newBuilder().setUseTimeskipping(false).build());
    temporal.newWorker(WORKFLOWS).registerWorkflowImplementationTypes(KeepingImpl.class);
    temporal.start();
    observer = new Adapters(cluster.uri(), List.of(), directory.resolve("catalog"));
    LocalServer member = cluster.members().get(0);
    cursor =
        observer.cursors.open(
            Adapters.request("op-1", member, "rs0", ReplicaSetRole.REPLICA_SET), 1);
  }

  @AfterEach
  void close() throws Exception {
    observer.cursors.close(cursor);
    for (AutoCloseable each : toClose) {
      each.close();
    }
    observer.close();
    temporal.close();
  }

  @Test
  void shouldBeAdoptedByAnotherWorkerWhenTheFirstStops() {
    WorkerFactory first = worker("control@first");
    Keeping keeping = startKeeping();
    awaitHeartbeat(keeping, "control@first");

    worker("control@second");
    first.shutdownNow();

    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(keeping.adoptions()).containsExactly("rs0 control@second"));
    observer.cursors.touch(cursor);
  }

  @Test
  void shouldCloseTheCursorOfAWorkflowThatWasTerminated() {
    worker("control@only");
    Keeping keeping = startKeeping();
    awaitHeartbeat(keeping, "control@only");

    WorkflowStub.fromTyped(keeping).terminate("by hand");

    await().atMost(PATIENCE).until(this::isLost);
  }

  @Test
  void shouldLeaveTheCursorToAWorkflowThatCancels() {
    worker("control@only");
    Keeping keeping = startKeeping();
    awaitHeartbeat(keeping, "control@only");

    WorkflowStub.fromTyped(keeping).cancel();

    WorkflowFailedException ended =
        catchThrowableOfType(
            WorkflowFailedException.class,
            () -> WorkflowStub.fromTyped(keeping).getResult(Void.class));
    assertThat(Failures.codeOf(ended)).isEqualTo(ErrorCode.CANCELLED);
    observer.cursors.touch(cursor);
  }

  @Test
  void shouldFailTheWorkflowOnceTheCursorIsLost() {
    worker("control@only");
    Keeping keeping = startKeeping();
    awaitHeartbeat(keeping, "control@only");

    assertThat(observer.cursors.close(cursor)).isTrue();

    WorkflowFailedException ended =
        catchThrowableOfType(
            WorkflowFailedException.class,
            () -> WorkflowStub.fromTyped(keeping).getResult(Void.class));
    assertThat(Failures.codeOf(ended)).isEqualTo(ErrorCode.CURSOR_LOST);
    assertThat(Failures.messageOf(ended)).contains(cursor.cursorBackupId(), cursor.member());
  }

  private boolean isLost() {
    StillpointException e =
        catchThrowableOfType(StillpointException.class, () -> observer.cursors.touch(cursor));
    return e != null && e.code() == ErrorCode.CURSOR_LOST;
  }

  /** The first heartbeat shows that the activity runs and has used the cursor. */
  private void awaitHeartbeat(Keeping keeping, String holder) {
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                WorkflowStub.fromTyped(keeping)
                    .describe()
                    .getRawDescription()
                    .getPendingActivitiesList()
                    .stream()
                    .anyMatch(a -> a.getHeartbeatDetails().toString().contains(holder)));
  }

  private Keeping startKeeping() {
    Keeping keeping =
        temporal
            .getWorkflowClient()
            .newWorkflowStub(
                Keeping.class, WorkflowOptions.newBuilder().setTaskQueue(WORKFLOWS).build());
    WorkflowClient.start(keeping::run, cursor);
    return keeping;
  }

  /** A whole worker with its own connections, as another process would have them. */
  private WorkerFactory worker(String holder) {
    Adapters adapters = new Adapters(cluster.uri(), List.of(), directory.resolve("catalog"));
    MongoActivities activities =
        new MongoActivities(
            adapters.connections,
            adapters.catalog,
            adapters.catalog.fileLists(),
            new TemporalOperationLink(temporal.getWorkflowClient()),
            holder,
            Duration.ofSeconds(2),
            Clock.systemUTC());
    WorkerFactory factory =
        WorkerFactory.newInstance(
            temporal.getWorkflowClient(),
            WorkerFactoryOptions.newBuilder()
                .setWorkerInterceptors(new ErrorMappingInterceptor())
                .build());
    Worker worker = factory.newWorker(QUEUE);
    worker.registerActivitiesImplementations(activities.implementations().toArray());
    factory.start();
    toClose.add(factory::shutdownNow);
    toClose.add(activities);
    toClose.add(adapters);
    return factory;
  }
}
