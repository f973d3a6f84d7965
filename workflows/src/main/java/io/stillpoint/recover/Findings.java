package io.stillpoint.recover;

import io.stillpoint.error.Failures;
import io.stillpoint.recover.Finding.Kind;
import io.stillpoint.recover.Finding.Outcome;
import io.temporal.failure.TemporalFailure;
import java.util.ArrayList;
import java.util.List;

/** Collects what was found; one thing that cannot be mended does not keep the others. */
final class Findings {

  private final List<Finding> all = new ArrayList<>();
  private final boolean dryRun;

  Findings(boolean dryRun) {
    this.dryRun = dryRun;
  }

  boolean dryRun() {
    return dryRun;
  }

  List<Finding> all() {
    return List.copyOf(all);
  }

  /** In a dry run each thing once: what is not mended is found by every look that follows. */
  void add(Kind kind, String where, String found, String done, Outcome outcome) {
    boolean known =
        outcome == Outcome.WOULD_MEND
            && all.stream()
                .anyMatch(
                    f -> f.outcome() == outcome && f.kind() == kind && f.where().equals(where));
    if (!known) {
      all.add(new Finding(kind, where, found, done, outcome));
    }
  }

  void left(Kind kind, String where, String found, String how) {
    add(kind, where, found, how, Outcome.LEFT);
  }

  void failed(Kind kind, String where, String found, String why) {
    add(kind, where, found, why, Outcome.FAILED);
  }

  /**
   * Mends something, unless this is a dry run, and records how that went.
   *
   * @param done in the infinitive: "close it"
   */
  void mend(Kind kind, String where, String found, String done, Runnable action) {
    if (dryRun) {
      add(kind, where, found, "would " + done, Outcome.WOULD_MEND);
      return;
    }
    try {
      action.run();
      add(kind, where, found, "did " + done, Outcome.MENDED);
    } catch (TemporalFailure e) {
      failed(kind, where, found, "could not %s: %s".formatted(done, Failures.messageOf(e)));
    }
  }
}
