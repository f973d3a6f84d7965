package io.stillpoint.worker;

import java.util.List;

/** Everything that this process serves. */
record Bindings(List<TaskQueueBinding> all) {
  Bindings {
    all = List.copyOf(all);
  }
}
