package io.stillpoint.worker;

import java.util.List;

/**
 * What one task queue is served with.
 *
 * @param workflows implementation classes; none for a node agent's queue
 * @param activities implementations, safe to be called by many threads
 * @param slots how many activities run at once
 */
record TaskQueueBinding(
    String taskQueue, List<Class<?>> workflows, List<Object> activities, int slots, int pollers) {
  TaskQueueBinding {
    workflows = List.copyOf(workflows);
    activities = List.copyOf(activities);
  }
}
