package io.stillpoint.worker;

import io.micronaut.context.annotation.Factory;
import io.stillpoint.policy.TaskQueues;
import io.stillpoint.worker.settings.MemberEntry;
import io.stillpoint.worker.settings.NodeEntry;
import io.stillpoint.worker.settings.Role;
import io.stillpoint.worker.settings.WorkerSettings;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;

/** Puts the adapters together for the roles that the configuration names. */
@Factory
final class WiringFactory {
  // One long copy, its resume beside it, and the short host operations.
  private static final int NODE_SLOTS = 8;
  private static final int NODE_POLLERS = 2;

  @Singleton
  Bindings bindings(WorkerSettings settings) {
    List<TaskQueueBinding> bindings = new ArrayList<>();
    if (settings.has(Role.CONTROL)) {
      bindings.add(ControlTaskQueue.binding(settings, List.of()));
    }
    settings.node().map(NodeEntry::members).orElse(List.of()).stream()
        .map(MemberEntry::address)
        .map(
            a ->
                new TaskQueueBinding(
                    TaskQueues.node(a), List.of(), List.of(), NODE_SLOTS, NODE_POLLERS))
        .forEach(bindings::add);
    return new Bindings(bindings);
  }
}
