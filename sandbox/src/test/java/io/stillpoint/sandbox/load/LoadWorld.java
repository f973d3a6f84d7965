package io.stillpoint.sandbox.load;

import io.stillpoint.client.ConnectionOptions;
import io.stillpoint.client.StillpointClient;
import io.stillpoint.sandbox.bench.WorkflowHistory;
import io.stillpoint.sandbox.cluster.FreePorts;
import io.stillpoint.sandbox.demo.WorkerProcess;
import io.stillpoint.sandbox.temporal.DevServer;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A real Temporal server, two control workers and one node agent as processes, on clusters that the
 * test has.
 */
final class LoadWorld implements AutoCloseable {

  /** Of a worker. */
  static final int MOST_MEBIBYTES = 512;

  /** Of a backup's history, search attributes included. */
  static final int MOST_EVENTS_PER_SET = 60;

  /** Of a payload. */
  static final int MOST_BYTES = 64 * 1024;

  private final Path directory;
  private final DevServer temporal;
  private final StillpointClient client;
  private final WorkflowServiceStubs stubs;
  private final List<WorkerProcess> workers = new ArrayList<>();

  LoadWorld(Path program, Path directory) throws IOException {
    this.directory = directory;
    Files.createDirectories(catalog());
    Files.createDirectories(snapshots());
    temporal = DevServer.start(program, directory, false);
    client =
        StillpointClient.connect(
            new ConnectionOptions(Optional.of(temporal.address()), Optional.empty()));
    client.registerSearchAttributes();
    stubs =
        WorkflowServiceStubs.newServiceStubs(
            WorkflowServiceStubsOptions.newBuilder().setTarget(temporal.address()).build());
  }

  /**
   * Starts them all.
   *
   * @param clusters lines of the control workers' section of that name
   * @param members lines of the agent's section of that name
   */
  void startWorkers(String clusters, String members) {
    for (String name : List.of("control-1", "control-2")) {
      start(name, "  roles: [control]\n  clusters:\n" + clusters);
    }
    start(
        "agent",
        "  roles: [node]\n  node:\n    snapshot-root: \"%s\"\n    members:\n%s"
            .formatted(snapshots(), members));
  }

  private void start(String name, String sections) {
    String settings =
        """
        stillpoint:
          identity: %s
          health: { port: %d }
          catalog: { directory: "%s" }
        """
                .formatted(name, new FreePorts().next(), catalog())
            + sections;
    try {
      Path file = Files.writeString(directory.resolve(name + ".yml"), settings);
      workers.add(WorkerProcess.start(name, file, temporal.address(), Map.of()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  StillpointClient client() {
    return client;
  }

  Path catalog() {
    return directory.resolve("catalog");
  }

  Path snapshots() {
    return directory.resolve("snapshots");
  }

  List<WorkerProcess> workers() {
    return List.copyOf(workers);
  }

  WorkflowHistory history(String workflowId) {
    return WorkflowHistory.of(stubs, workflowId);
  }

  @Override
  public void close() {
    stubs.shutdownNow();
    client.close();
    workers.forEach(WorkerProcess::stop);
    temporal.close();
  }
}
