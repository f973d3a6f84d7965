package io.stillpoint.sandbox.cloud;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Faults to come, by the name of the call that they befall; also counts the calls. */
public final class FaultScript {

  private final Map<String, Deque<Fault>> waiting = new HashMap<>();
  private final Map<String, Integer> calls = new HashMap<>();

  /** The next call of this name suffers the fault; repeat for the one after it. */
  public synchronized FaultScript add(String call, Fault fault) {
    waiting.computeIfAbsent(call, name -> new ArrayDeque<>()).add(fault);
    return this;
  }

  /** Forgets what has not happened yet. */
  public synchronized void clear() {
    waiting.clear();
  }

  /** How often this call arrived, whatever became of it. */
  public synchronized int calls(String call) {
    return calls.getOrDefault(call, 0);
  }

  /** Counts the call and takes its fault, if one is waiting. */
  public synchronized Optional<Fault> next(String call) {
    calls.merge(call, 1, Integer::sum);
    Deque<Fault> faults = waiting.get(call);
    return faults == null ? Optional.empty() : Optional.ofNullable(faults.poll());
  }
}
