package io.stillpoint.cli;

import io.stillpoint.client.StillpointClient;
import io.stillpoint.policy.Payloads;
import io.stillpoint.policy.TaskQueues;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.testing.TestEnvironmentOptions;
import io.temporal.testing.TestWorkflowEnvironment;
import io.temporal.worker.Worker;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/** Runs the command line against an in-memory Temporal with fake workflows. */
final class CommandRunner implements AutoCloseable {
  private final TestWorkflowEnvironment environment;
  private final Duration pickUp;

  /** What one command did. */
  record Run(int exitCode, String out, String err) {}

  private CommandRunner(TestWorkflowEnvironment environment, Duration pickUp) {
    this.environment = environment;
    this.pickUp = pickUp;
  }

  static CommandRunner withWorker() {
    CommandRunner runner = new CommandRunner(newEnvironment(), Duration.ofSeconds(15));
    Worker worker = runner.environment.newWorker(TaskQueues.CONTROL);
    worker.registerWorkflowImplementationTypes(FakeCatalog.WORKFLOWS);
    worker.registerWorkflowImplementationTypes(FakeReports.WORKFLOWS);
    worker.registerWorkflowImplementationTypes(FakeBackup.class, FakeRestore.class);
    runner.environment.start();
    return runner;
  }

  static CommandRunner withoutWorker() {
    return new CommandRunner(newEnvironment(), Duration.ofMillis(300));
  }

  private static TestWorkflowEnvironment newEnvironment() {
    return TestWorkflowEnvironment.newInstance(
        TestEnvironmentOptions.newBuilder()
            .setUseTimeskipping(false)
            .setWorkflowClientOptions(
                WorkflowClientOptions.newBuilder().setDataConverter(Payloads.converter()).build())
            .build());
  }

  WorkflowClient temporal() {
    return environment.getWorkflowClient();
  }

  StillpointClient client() {
    return StillpointClient.using(temporal(), pickUp);
  }

  Run run(String... args) {
    return run(false, "", args);
  }

  /** As if a person sat at a terminal and typed this. */
  Run typing(String input, String... args) {
    return run(true, input, args);
  }

  private Run run(boolean asks, String input, String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    CliContext context =
        new CliContext(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            new BufferedReader(new StringReader(input)),
            0,
            asks,
            options -> client(),
            List.of());
    int exitCode = StillpointCommand.commandLine(context).execute(args);
    return new Run(
        exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  @Override
  public void close() {
    environment.close();
  }
}
