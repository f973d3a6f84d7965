package io.stillpoint.sandbox.faults;

import io.stillpoint.sandbox.faults.InjectedFault.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One run of the campaign.
 *
 * @param name as {@code -Dstillpoint.faults=} takes it
 * @param shape of the world that it happens in
 * @param restore of a backup that was made before, or a backup
 * @param expected what may come of it
 * @param recovered a person runs {@code recover} afterwards, which must mend everything
 */
record FaultCase(
    String name, Shape shape, boolean restore, Strike strike, Outcome expected, boolean recovered) {

  /** What may come of the operation. The invariants and the data are checked in any case. */
  enum Outcome {
    COMPLETES,
    FAILS,
    EITHER
  }

  /** Lets a fault happen to the operation that was just started. */
  @FunctionalInterface
  interface Strike {
    void on(FaultWorld world, Running operation) throws Exception;

    /** Why it cannot happen here; empty if it can. */
    default String impossible(FaultWorld world) {
      return "";
    }
  }

  /** The operation that is struck. */
  interface Running {
    String workflowId();

    String phase();

    void awaitPhase(String phase);

    /** Of a backup, counted from 1. */
    void awaitAttempt(int number);

    /** Keeps what the user reads beside the operation just now, for the table. */
    void readNotes();

    void abort();
  }

  /** After these the restored data counts; a fault cannot make the restore fail any more. */
  private static final List<String> NEVER_FAIL = List.of("CursorKeepAlive", "NodeRelease");

  /** Everything that is tried. */
  static List<FaultCase> all() {
    List<FaultCase> all = new ArrayList<>();
    for (Shape shape : List.of(Shape.TOGETHER, Shape.SHARDED)) {
      for (boolean restore : new boolean[] {false, true}) {
        for (String activity : CampaignActivities.of(restore, shape.sharded())) {
          for (Kind kind : Kind.values()) {
            all.add(injected(shape, restore, activity, kind));
          }
        }
        CampaignActivities.cleanUp(restore, shape.sharded())
            .forEach(
                (activity, cause) -> {
                  for (Kind kind : Kind.values()) {
                    all.add(cleaningUp(shape, restore, activity, cause, kind));
                  }
                });
      }
      all.addAll(PhaseFaults.all(shape));
    }
    all.addAll(PlaceFaults.all());
    return all;
  }

  private static FaultCase injected(Shape shape, boolean restore, String activity, Kind kind) {
    boolean fails = kind.endsTheOperation();
    boolean neverFails = NEVER_FAIL.contains(activity);
    return new FaultCase(
        name(shape, restore, activity, kind),
        shape,
        restore,
        new Laid(List.of(new InjectedFault(activity, kind))),
        neverFails ? Outcome.EITHER : fails ? Outcome.FAILS : Outcome.COMPLETES,
        // Verified, but its old data could not be deleted.
        fails && activity.equals("NodeRelease"));
  }

  private static FaultCase cleaningUp(
      Shape shape, boolean restore, String activity, String cause, Kind kind) {
    return new FaultCase(
        name(shape, restore, cause + "-then-" + activity, kind),
        shape,
        restore,
        new Laid(
            List.of(new InjectedFault(cause, Kind.PERMANENT), new InjectedFault(activity, kind))),
        Outcome.FAILS,
        kind.endsTheOperation());
  }

  private static String name(Shape shape, boolean restore, String what, Kind kind) {
    return name(shape, restore, what, kind.name().toLowerCase(Locale.ROOT).replace('_', '-'));
  }

  static String name(Shape shape, boolean restore, String where, String what) {
    return "%s%s/%s/%s"
        .formatted(shape.sharded() ? "sharded/" : "", restore ? "restore" : "backup", where, what);
  }

  /** Faults that are laid before the operation starts. */
  record Laid(List<InjectedFault> faults) implements Strike {
    @Override
    public void on(FaultWorld world, Running operation) {
      // They were laid before the start and strike by themselves.
    }

    boolean late() {
      return faults.stream().anyMatch(f -> f.kind() == Kind.LATE);
    }
  }
}
