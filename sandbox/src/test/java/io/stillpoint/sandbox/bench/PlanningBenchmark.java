package io.stillpoint.sandbox.bench;

import io.stillpoint.model.ClusterTopology;
import io.stillpoint.model.MemberState;
import io.stillpoint.model.ReplicaSetRole;
import io.stillpoint.model.ReplicaSetState;
import io.stillpoint.plan.BackupPlan;
import io.stillpoint.plan.BackupPlanner;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Choosing one member of each of 1,000 replica sets of three. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class PlanningBenchmark {

  private static final int SETS = 1000;

  private final ClusterTopology topology =
      new ClusterTopology(
          "bench",
          "id",
          true,
          IntStream.range(0, SETS).mapToObj(PlanningBenchmark::set).toList(),
          List.of(),
          List.of());

  @Benchmark
  public BackupPlan plan() {
    return BackupPlanner.plan(topology, Map.of());
  }

  private static ReplicaSetState set(int number) {
    return new ReplicaSetState(
        "rs" + number,
        "shard" + number,
        number == 0 ? ReplicaSetRole.CONFIG_SERVER : ReplicaSetRole.SHARD,
        "4.4",
        false,
        1,
        List.of(
            member(number, 1, "PRIMARY", false),
            member(number, 2, "SECONDARY", false),
            member(number, 3, "SECONDARY", true)));
  }

  private static MemberState member(int set, int number, String state, boolean hidden) {
    return new MemberState(
        "host-%d-%d:27017".formatted(set, number),
        state,
        hidden,
        hidden ? 0 : 1,
        false,
        0,
        set % 5,
        "4.4.6-8",
        "/var/lib/mongodb",
        true);
  }
}
