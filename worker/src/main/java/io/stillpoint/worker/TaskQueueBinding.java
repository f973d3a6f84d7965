package io.stillpoint.worker;

import java.util.List;

/**
 * What one task queue is served with.
 *
 * @param workflows whether workflow code runs here; a node agent's queue has activities only
 * @param activities implementations, safe to be called by many threads
 * @param slots how many activities run at once
 */
record TaskQueueBinding(
    String taskQueue, boolean workflows, List<Object> activities, int slots, int pollers) {
  TaskQueueBinding {
    activities = List.copyOf(activities);
  }
}
