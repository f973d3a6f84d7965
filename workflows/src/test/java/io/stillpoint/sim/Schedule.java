package io.stillpoint.sim;

import io.stillpoint.sim.Faults.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;

/**
 * A list of faults that a seed chose, and a cluster to try them on.
 *
 * @param shards 0 for a plain replica set
 * @param even every step takes the same time, instead of what the seed says
 */
public record Schedule(long seed, int shards, boolean even, List<Blow> blows) {

  /** What happens besides failing activities. */
  enum Event {
    FAULT,
    LOSE_CURSOR,
    CANCEL,
    TERMINATE,
    RESTART_CONTROL,
    RESTART_AGENTS
  }

  /**
   * @param activity whose call it hits
   * @param call the how-manieth call of that activity on any key, 0-based
   * @param kind what becomes of that call itself
   */
  record Blow(Event event, String activity, int call, Kind kind) {
    @Override
    public String toString() {
      String what =
          event == Event.FAULT ? kind.name() : event + (kind == Kind.NONE ? "" : " and " + kind);
      return "%s of %s#%d".formatted(what, activity, call);
    }
  }

  private static final int MOST_BLOWS = 5;
  private static final int CALLS = 4;

  private static final List<String> ACTIVITIES =
      List.of(
          "look",
          "topology",
          "resolve",
          "begin",
          "saveBalancer",
          "stopBalancer",
          "awaitQuiet",
          "open",
          "fixPoint",
          "extend",
          "restoreBalancer",
          "describe",
          "cut",
          "prove",
          "close",
          "closeOrphans",
          "delete",
          "awaitReady",
          "complete",
          "end",
          "readManifest",
          "inspect",
          "mark",
          "stage",
          "stop",
          "swap",
          "recover",
          "start",
          "stepUp",
          "settle",
          "proveStart",
          "compareEndPoint",
          "giveBalancer",
          "unmark",
          "undo",
          "dropStage",
          "release");

  /** Undoing has no way back of its own: for good it fails only by a person's hand. */
  private static final List<String> MUST_END_WELL =
      List.of(
          "closeOrphans",
          "delete",
          "end",
          "undo",
          "dropStage",
          "release",
          "unmark",
          "restoreBalancer");

  /** Within the workflow's own task; the test server hands no cancel on meanwhile. */
  private static final List<String> LOCAL =
      List.of(
          "look", "topology", "begin", "fixPoint", "complete", "mark", "unmark", "saveBalancer");

  public Schedule {
    blows = List.copyOf(blows);
  }

  /** An agent ends the very process that it found first, never one that was started since. */
  private static final List<String> NEVER_LATE = List.of("stop");

  private static final List<Kind> PASSING =
      List.of(
          Kind.TRANSIENT_BEFORE,
          Kind.TRANSIENT_AFTER,
          Kind.DIES_BEFORE,
          Kind.DIES_AFTER,
          Kind.LATE);

  /** Of everything that can happen. */
  public static Schedule of(long seed) {
    return of(seed, Schedule::blow);
  }

  /** Of what can be done to the SDK's in-memory server. */
  static Schedule ofServer(long seed) {
    return of(seed, Schedule::serverBlow);
  }

  private static Schedule of(long seed, Function<Random, Blow> blow) {
    Random random = new Random(seed);
    List<Blow> blows = new ArrayList<>();
    int count = 1 + random.nextInt(MOST_BLOWS);
    for (int i = 0; i < count; i++) {
      blows.add(blow.apply(random));
    }
    return new Schedule(seed, random.nextInt(3), false, blows);
  }

  private static Blow blow(Random random) {
    String activity = ACTIVITIES.get(random.nextInt(ACTIVITIES.size()));
    int call = random.nextInt(CALLS);
    Kind drawn = PASSING.get(random.nextInt(PASSING.size()));
    Kind passing = drawn == Kind.LATE && NEVER_LATE.contains(activity) ? Kind.DIES_AFTER : drawn;
    return switch (random.nextInt(20)) {
      case 0 -> new Blow(Event.TERMINATE, activity, call, Kind.NONE);
      case 1, 2 -> new Blow(Event.CANCEL, activity, call, Kind.NONE);
      case 3, 4 -> new Blow(Event.LOSE_CURSOR, activity, call, Kind.NONE);
      case 5 -> new Blow(Event.RESTART_CONTROL, activity, call, ofDead(passing));
      case 6 -> new Blow(Event.RESTART_AGENTS, activity, call, ofDead(passing));
      case 7, 8 ->
          MUST_END_WELL.contains(activity)
              ? new Blow(Event.FAULT, activity, call, passing)
              : new Blow(Event.FAULT, activity, call, Kind.PERMANENT);
      default -> new Blow(Event.FAULT, activity, call, passing);
    };
  }

  /** What has died does nothing later; only what was given up, and lives, can. */
  private static Kind ofDead(Kind kind) {
    return kind == Kind.LATE ? Kind.DIES_AFTER : kind;
  }

  private static Blow serverBlow(Random random) {
    String activity = ACTIVITIES.get(random.nextInt(ACTIVITIES.size()));
    int call = random.nextInt(CALLS);
    int die = random.nextInt(20);
    if (die == 0) {
      return new Blow(Event.TERMINATE, activity, call, Kind.NONE);
    }
    if (die <= 2 && !LOCAL.contains(activity)) {
      // Still under way when the cancel arrives: this server knows no cancel of what ended.
      return new Blow(Event.CANCEL, activity, call, Kind.TRANSIENT_AFTER);
    }
    if (die <= 4) {
      return new Blow(Event.LOSE_CURSOR, activity, call, Kind.NONE);
    }
    Kind kind =
        die <= 6 && !MUST_END_WELL.contains(activity)
            ? Kind.PERMANENT
            : random.nextBoolean() ? Kind.TRANSIENT_BEFORE : Kind.TRANSIENT_AFTER;
    return new Blow(Event.FAULT, activity, call, kind);
  }

  /** The same without one of its blows. */
  Schedule without(int index) {
    List<Blow> fewer = new ArrayList<>(blows);
    fewer.remove(index);
    return new Schedule(seed, shards, even, fewer);
  }

  /** The same, with nothing overtaking anything. */
  Schedule evenly() {
    return new Schedule(seed, shards, true, blows);
  }

  Schedule onSets(int number) {
    return new Schedule(seed, number, even, blows);
  }

  @Override
  public String toString() {
    return "%s on %d shards%s".formatted(blows, shards, even ? ", evenly timed" : "");
  }
}
