package io.stillpoint.worker;

import io.stillpoint.policy.TaskQueues;
import io.stillpoint.worker.settings.WorkerSettings;
import java.util.List;

/** What a control worker serves: all workflows, and the activities that need only the network. */
final class ControlTaskQueue {
  private static final int POLLERS = 5;

  private ControlTaskQueue() {}

  static TaskQueueBinding binding(WorkerSettings settings, List<Object> activities) {
    return new TaskQueueBinding(
        TaskQueues.CONTROL, workflows(), activities, settings.activitySlots(), POLLERS);
  }

  static List<Class<?>> workflows() {
    return List.of();
  }
}
