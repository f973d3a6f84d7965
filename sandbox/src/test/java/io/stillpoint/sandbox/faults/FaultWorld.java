package io.stillpoint.sandbox.faults;

import io.stillpoint.client.ConnectionOptions;
import io.stillpoint.client.StillpointClient;
import io.stillpoint.sandbox.cluster.ClusterNames;
import io.stillpoint.sandbox.cluster.ClusterSpec;
import io.stillpoint.sandbox.cluster.FreePorts;
import io.stillpoint.sandbox.cluster.LocalCluster;
import io.stillpoint.sandbox.cluster.LocalServer;
import io.stillpoint.sandbox.cluster.ServerPrograms;
import io.stillpoint.sandbox.invariant.ClusterInvariants;
import io.stillpoint.sandbox.temporal.DevServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A real Temporal server behind a cord that can be cut, a cluster, and worker processes whose
 * supervisor starts them again whenever they die.
 */
final class FaultWorld implements AutoCloseable {

  static final String CLUSTER = "shop";

  /** Enough for several backups, and quickly filled; real servers need more for their journals. */
  private static final int DISK_MEGABYTES = 64;

  private static final int REAL_DISK_MEGABYTES = 2048;
  private static final int SHARDS = 2;

  private final Shape shape;
  private final Path directory;
  private final DevServer temporal;
  private final CutCord cord;
  private final List<MemberCord> memberCords = new ArrayList<>();
  private final SmallDisk dataDisk;
  private final SmallDisk snapshotDisk;
  private final WallClock serverClock;
  private final WallClock workerClock;
  private final LocalCluster cluster;
  private final ClusterInvariants invariants;
  private final StillpointClient client;
  private final FaultWorkers workers;

  /**
   * @param program temporal's
   * @param directory empty
   */
  FaultWorld(Shape shape, Path program, Path directory) {
    this.shape = shape;
    this.directory = directory;
    Path data = directory.resolve("mongo").resolve("data");
    List.of(catalog(), snapshots(), faults(), data).forEach(FaultWorld::make);
    dataDisk = disk(data);
    snapshotDisk = disk(snapshots());
    serverClock = new WallClock(directory, "server-clock");
    workerClock = new WallClock(directory, "worker-clock");
    temporal = DevServer.start(program, directory, false);
    cord = new CutCord(temporal.address());
    cluster = LocalCluster.start(spec(), this::tieCords);
    invariants = new ClusterInvariants(cluster, CLUSTER, catalog(), snapshots());
    client =
        StillpointClient.connect(
            new ConnectionOptions(Optional.of(temporal.address()), Optional.empty()));
    Map<String, String> environment =
        new HashMap<>(shape == Shape.APART ? workerClock.environment() : Map.of());
    // The agent asks the server program itself for its version.
    cluster.spec().programs().simulate().ifPresent(v -> environment.put("STILLPOINT_SIMULATE", v));
    workers =
        new FaultWorkers(
            faults(),
            directory.resolve("worker.log"),
            environment,
            WorkerFile.of(
                shape,
                cluster,
                new WorkerFile.Places(
                    directory, catalog(), snapshots(), cord.address(), new FreePorts())));
  }

  /** Where the next faults are laid. */
  Path faults() {
    return directory.resolve("faults");
  }

  StillpointClient client() {
    return client;
  }

  LocalCluster cluster() {
    return cluster;
  }

  /** The one that is struck where a single member is. */
  LocalServer member() {
    return cluster.dataSets().get(0).members().get(0);
  }

  DevServer temporal() {
    return temporal;
  }

  /** Between workers and Temporal. */
  CutCord cord() {
    return cord;
  }

  /** Between everybody and the members; none where they are reached directly. */
  List<MemberCord> memberCords() {
    return memberCords;
  }

  SmallDisk dataDisk() {
    return dataDisk;
  }

  SmallDisk snapshotDisk() {
    return snapshotDisk;
  }

  WallClock serverClock() {
    return serverClock;
  }

  WallClock workerClock() {
    return workerClock;
  }

  ClusterInvariants invariants() {
    return invariants;
  }

  FaultWorkers workers() {
    return workers;
  }

  /** Takes back whatever a person takes back when it is noticed. */
  void mend() {
    cord.mend();
    memberCords.forEach(MemberCord::mend);
    dataDisk.free();
    snapshotDisk.free();
    serverClock.jump(Duration.ZERO);
    workerClock.jump(Duration.ZERO);
    workers.bringBack();
  }

  private ClusterSpec spec() {
    Path place = directory.resolve("mongo");
    ServerPrograms programs = ServerPrograms.fromSystemProperties();
    return switch (shape) {
      case TOGETHER -> ClusterSpec.replicaSet(place, programs, 1);
      case APART ->
          ClusterSpec.replicaSet(place, withOwnClock(programs), 1)
              .withNames(ClusterNames.USUAL.withMemberHost("127.0.0.2"));
      case SHARDED -> ClusterSpec.sharded(place, programs, SHARDS, 1);
    };
  }

  private void tieCords(List<LocalServer> members) {
    if (shape == Shape.APART) {
      members.forEach(m -> memberCords.add(new MemberCord(m.address())));
    }
  }

  private SmallDisk disk(Path mount) {
    boolean simulated = ServerPrograms.fromSystemProperties().isSimulated();
    int megabytes = simulated ? DISK_MEGABYTES : REAL_DISK_MEGABYTES;
    return SmallDisk.mount(mount, shape == Shape.APART ? megabytes : 0);
  }

  private ServerPrograms withOwnClock(ServerPrograms programs) {
    Map<String, String> environment = serverClock.environment();
    if (environment.isEmpty()) {
      return programs;
    }
    String words =
        environment.entrySet().stream()
            .map(e -> "%s='%s'".formatted(e.getKey(), e.getValue()))
            .collect(Collectors.joining(" "));
    Path script = directory.resolve("mongod");
    try {
      Files.writeString(
          script, "#!/bin/sh\nexec env %s '%s' \"$@\"\n".formatted(words, programs.mongod()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (!script.toFile().setExecutable(true)) {
      throw new IllegalStateException("cannot make " + script + " executable");
    }
    return new ServerPrograms(script, programs.mongos(), programs.simulate());
  }

  private Path catalog() {
    return directory.resolve("catalog");
  }

  private Path snapshots() {
    return directory.resolve("snapshots");
  }

  private static void make(Path directory) {
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    List<Runnable> steps = new ArrayList<>();
    steps.add(client::close);
    steps.add(workers::close);
    steps.add(cluster::close);
    memberCords.forEach(c -> steps.add(c::close));
    steps.add(cord::close);
    steps.add(temporal::close);
    steps.add(dataDisk::close);
    steps.add(snapshotDisk::close);
    steps.forEach(Runnable::run);
  }
}
