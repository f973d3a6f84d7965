package io.stillpoint.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.temporal.api.enums.v1.EventType;
import io.temporal.api.history.v1.HistoryEvent;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an operation may cost Temporal, for clusters of one set and of fifty. */
class HistoryBudgetTest {

  /** Sixty less the four by which search attributes are told, which this server does not know. */
  private static final int BACKUP_PER_SET = 56;

  /** Those of the five main steps, the first, and what the keeper's end and the lock add. */
  private static final int TASKS_PER_SET = 8;

  /** Eight activities and a local one of its only member, and the election. */
  private static final int RESTORE_PER_SET = 55;

  /** What of a restore does not depend on the number of sets: lock, plan, mark. */
  private static final int RESTORE = 60;

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

      check(simulation, "backup/b1", BACKUP_PER_SET * sets + busy(simulation, sets));
      check(simulation, "restore/r1", RESTORE + RESTORE_PER_SET * sets);
    }
  }

  /**
   * What a busy machine adds: a brief step that took longer is an activity, and a task that began
   * late leaves what came meanwhile to another one.
   */
  private static long busy(Simulation simulation, int sets) {
    List<HistoryEvent> events =
        simulation.environment.getWorkflowClient().fetchHistory("backup/b1").getEvents();
    long slow =
        events.stream()
            .map(e -> e.getActivityTaskScheduledEventAttributes().getActivityType().getName())
            .filter(
                Set.of("CursorProve", "CursorProveCopied", "CursorClose", "CursorDescribe")
                    ::contains)
            .count();
    long tasks =
        events.stream()
            .filter(e -> e.getEventType() == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED)
            .count();
    return 3 * slow + 3 * Math.max(0, tasks - TASKS_PER_SET * sets);
  }

  private static void check(Simulation simulation, String workflowId, long most) {
    List<HistoryEvent> events =
        simulation.environment.getWorkflowClient().fetchHistory(workflowId).getEvents();
    System.out.printf("%s: %d events of at most %d%n", workflowId, events.size(), most);
    assertThat((long) events.size()).as("events of " + workflowId).isLessThanOrEqualTo(most);
    HistoryEvent largest =
        events.stream().max(Comparator.comparingInt(HistoryEvent::getSerializedSize)).orElseThrow();
    assertThat(largest.getSerializedSize())
        .as("largest event, a %s", largest.getEventType())
        .isLessThanOrEqualTo(MOST_BYTES);
  }
}
