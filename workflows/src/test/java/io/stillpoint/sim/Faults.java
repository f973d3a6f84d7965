package io.stillpoint.sim;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.Failures;
import io.stillpoint.sim.virtual.Fate;
import io.temporal.failure.ApplicationFailure;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** Decides, for every call of every activity, whether and how it fails. Thread-safe. */
public interface Faults {

  enum Kind {
    NONE,
    /** Fails before its effect; a retry may succeed. */
    TRANSIENT_BEFORE,
    /** Has its effect, then the answer is lost; a retry runs it again. */
    TRANSIENT_AFTER,
    /** Fails before its effect, for good. */
    PERMANENT,
    /** Its worker is never heard of again, and had no effect; only where time is virtual. */
    DIES_BEFORE,
    /** Its worker is never heard of again, but had its effect; only where time is virtual. */
    DIES_AFTER,
    /** Hangs until it was given up, then has its effect; only where time is virtual. */
    LATE
  }

  /**
   * @param activity e.g. "open"
   * @param key what it works on, e.g. the member
   * @param call how often this pair was called before, 0-based
   */
  Kind draw(String activity, String key, int call);

  static Faults none() {
    return (activity, key, call) -> Kind.NONE;
  }

  /** The given kind for the first call of one activity, on every key. */
  static Faults first(String activity, Kind kind) {
    return (a, key, call) -> a.equals(activity) && call == 0 ? kind : Kind.NONE;
  }

  /** Fails the first calls of one activity on every key, one by one. */
  static Faults firstCalls(String activity, int calls, Kind kind) {
    return (a, key, call) -> a.equals(activity) && call < calls ? kind : Kind.NONE;
  }

  /** An activity that never succeeds but tries for ever, except on one key. */
  static Faults forEver(String activity, String exceptKey) {
    return (a, key, call) ->
        a.equals(activity) && !key.equals(exceptKey) ? Kind.TRANSIENT_AFTER : Kind.NONE;
  }

  /** Counts calls and turns a drawn fault into what the activity does. */
  final class Gate {

    private volatile Faults faults;
    private final Map<String, AtomicInteger> calls = new ConcurrentHashMap<>();
    private final List<String> log = Collections.synchronizedList(new ArrayList<>());

    public Gate(Faults faults) {
      this.faults = faults;
    }

    /** Runs the effect as the fault has it. */
    public <T> T pass(String activity, String key, Supplier<T> effect) {
      int call =
          calls.computeIfAbsent(activity + "@" + key, k -> new AtomicInteger()).getAndIncrement();
      Kind kind = faults.draw(activity, key, call);
      log.add(activity + "@" + key + (kind == Kind.NONE ? "" : " " + kind));
      switch (kind) {
        case TRANSIENT_BEFORE -> throw transientFailure(activity);
        case PERMANENT ->
            throw Failures.of(
                ErrorCode.CONFIGURATION_INVALID, "permanent fault in " + activity, "");
        case TRANSIENT_AFTER -> {
          effect.get();
          throw transientFailure(activity);
        }
        case DIES_BEFORE -> throw new Fate.Dies();
        case DIES_AFTER -> {
          effect.get();
          throw new Fate.Dies();
        }
        case LATE -> throw new Fate.Late(effect::get);
        case NONE -> {}
      }
      return effect.get();
    }

    private static ApplicationFailure transientFailure(String activity) {
      return Failures.of(ErrorCode.MONGO_UNREACHABLE, "transient fault in " + activity, "");
    }

    /** From now on nothing fails. */
    public void heal() {
      strike(Faults.none());
    }

    /** From now on this fails. */
    public void strike(Faults other) {
      faults = other;
    }

    /** Forgets the calls that were made. */
    public void forget() {
      log.clear();
    }

    /** Every call that was made, in order. */
    public List<String> log() {
      return List.copyOf(log);
    }
  }
}
