package io.stillpoint.sandbox.bench;

import io.stillpoint.backup.SnapshotBackupWorkflow;
import io.stillpoint.backup.SnapshotBackupWorkflowImpl;
import io.stillpoint.policy.Payloads;
import io.stillpoint.policy.TaskQueues;
import io.stillpoint.restore.SnapshotRestoreWorkflow;
import io.stillpoint.restore.SnapshotRestoreWorkflowImpl;
import io.stillpoint.retention.ConfiguredRetention;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.common.WorkflowExecutionHistory;
import io.temporal.testing.TestEnvironmentOptions;
import io.temporal.testing.TestWorkflowEnvironment;
import io.temporal.testing.WorkflowReplayer;
import io.temporal.worker.Worker;
import io.temporal.worker.WorkerOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What a worker does that takes over an operation: the longest of the recorded histories. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class ReplayBenchmark {

  private static final Path HISTORIES =
      Path.of("workflows", "src", "test", "resources", "histories");

  private TestWorkflowEnvironment environment;
  private Worker worker;
  private WorkflowExecutionHistory longest;

  @Setup(Level.Trial)
  public void begin() throws IOException {
    longest = longest();
    environment =
        TestWorkflowEnvironment.newInstance(
            TestEnvironmentOptions.newBuilder()
                .setWorkflowClientOptions(
                    WorkflowClientOptions.newBuilder()
                        .setDataConverter(Payloads.converter())
                        .build())
                .build());
    worker =
        environment.newWorker(
            TaskQueues.CONTROL,
            // As the product's workers have it: a busy machine is no deadlock.
            WorkerOptions.newBuilder().setDefaultDeadlockDetectionTimeout(10_000).build());
    worker.registerWorkflowImplementationFactory(
        SnapshotBackupWorkflow.class,
        () -> new SnapshotBackupWorkflowImpl(false, ConfiguredRetention.none(), List.of()));
    worker.registerWorkflowImplementationFactory(
        SnapshotRestoreWorkflow.class, () -> new SnapshotRestoreWorkflowImpl(false));
  }

  @TearDown(Level.Trial)
  public void end() {
    environment.close();
  }

  @Benchmark
  public void replay() throws Exception {
    WorkflowReplayer.replayWorkflowExecution(longest, worker);
  }

  /** Read from the source tree: the working directory is its root. */
  static WorkflowExecutionHistory longest() throws IOException {
    try (Stream<Path> files = Files.list(HISTORIES)) {
      return files
          .filter(f -> f.toString().endsWith(".json"))
          .map(ReplayBenchmark::read)
          .max(Comparator.comparingInt(h -> h.getEvents().size()))
          .orElseThrow(() -> new IOException("no history in " + HISTORIES.toAbsolutePath()));
    }
  }

  private static WorkflowExecutionHistory read(Path file) {
    try {
      return WorkflowExecutionHistory.fromJson(Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
