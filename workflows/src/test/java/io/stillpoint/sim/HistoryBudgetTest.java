package io.stillpoint.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.temporal.api.history.v1.HistoryEvent;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an operation may cost Temporal, for clusters of one set and of fifty. */
class HistoryBudgetTest {

  private static final int EVENTS_PER_SET = 35;

  /** What does not depend on the number of sets: lock, plan, point, proof, manifest. */
  private static final int EVENTS_OF_THE_OPERATION = 100;

  private static final int MOST_BYTES = 64 * 1024;

  @ParameterizedTest(name = "{0} shards, ready when cut: {1}")
  @CsvSource({"0, true", "0, false", "2, false", "49, false"})
  void shouldStayWithinTheBudget(int shards, boolean readyWhenCut) {
    World world = new World(shards, 1);
    world.readyWhenCut = readyWhenCut;
    int sets = world.topologySize();
    try (Simulation simulation = new Simulation(world, Faults.none())) {
      simulation.backup("b1");
      simulation.restore("b1");

      check(simulation, "backup/b1", sets);
      check(simulation, "restore/r1", sets);
    }
  }

  private static void check(Simulation simulation, String workflowId, int sets) {
    List<HistoryEvent> events =
        simulation.environment.getWorkflowClient().fetchHistory(workflowId).getEvents();
    System.out.printf("%s of %d sets: %d events%n", workflowId, sets, events.size());
    assertThat(events.size())
        .as("events of %s for %d sets", workflowId, sets)
        .isLessThanOrEqualTo(EVENTS_OF_THE_OPERATION + EVENTS_PER_SET * sets);
    HistoryEvent largest =
        events.stream().max(Comparator.comparingInt(HistoryEvent::getSerializedSize)).orElseThrow();
    assertThat(largest.getSerializedSize())
        .as("largest event, a %s", largest.getEventType())
        .isLessThanOrEqualTo(MOST_BYTES);
  }
}
