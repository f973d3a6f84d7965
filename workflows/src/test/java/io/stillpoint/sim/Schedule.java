package io.stillpoint.sim;

import io.stillpoint.sim.Faults.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A list of faults that a seed chose, and a cluster to try them on.
 *
 * @param shards 0 for a plain replica set
 */
public record Schedule(long seed, int shards, List<Blow> blows) {

  /** What happens besides failing activities. */
  enum Event {
    FAULT,
    LOSE_CURSOR,
    CANCEL,
    TERMINATE
  }

  /**
   * @param activity whose call it hits
   * @param call the how-manieth call of that activity on any key, 0-based
   * @param kind for FAULT
   */
  record Blow(Event event, String activity, int call, Kind kind) {
    @Override
    public String toString() {
      return "%s of %s#%d".formatted(event == Event.FAULT ? kind : event, activity, call);
    }
  }

  private static final int MOST_BLOWS = 5;

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
      List.of("look", "begin", "mark", "unmark", "saveBalancer");

  public Schedule {
    blows = List.copyOf(blows);
  }

  public static Schedule of(long seed) {
    Random random = new Random(seed);
    List<Blow> blows = new ArrayList<>();
    int count = 1 + random.nextInt(MOST_BLOWS);
    for (int i = 0; i < count; i++) {
      blows.add(blow(random));
    }
    return new Schedule(seed, random.nextInt(3), blows);
  }

  private static Blow blow(Random random) {
    String activity = ACTIVITIES.get(random.nextInt(ACTIVITIES.size()));
    int call = random.nextInt(4);
    int die = random.nextInt(20);
    if (die == 0) {
      return new Blow(Event.TERMINATE, activity, call, Kind.NONE);
    }
    if (die <= 2 && !LOCAL.contains(activity)) {
      return new Blow(Event.CANCEL, activity, call, Kind.NONE);
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
    return new Schedule(seed, shards, fewer);
  }
}
