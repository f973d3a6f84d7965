package io.stillpoint.sim.virtual;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;

/** How long each step takes, which decides the order of what runs side by side. */
public interface Timing {

  /** What takes time. */
  enum Step {
    /** A task waits for a worker. */
    DISPATCH,
    /** The workflow's own task, from its start to its commands. */
    DECIDE,
    /** An activity, from its start to its effect. */
    EFFECT,
    /** An activity, from its effect to the server's knowing of it. */
    REPORT,
    /** One workflow hears of another, or of a client. */
    MESSAGE,
    /** How much after its time limit a forgotten attempt has its effect all the same. */
    LATE,
    /** A dead worker's successor starts. */
    RESTART
  }

  /**
   * @param what names it; the same name is asked for as often as the step is repeated
   */
  Duration of(Step step, String what);

  /** Every step takes as long as every other of its kind, so that nothing overtakes anything. */
  static Timing even() {
    return (step, what) ->
        switch (step) {
          case LATE -> Duration.ofSeconds(2);
          case RESTART -> Duration.ofSeconds(5);
          default -> Duration.ofMillis(5);
        };
  }

  /**
   * Drawn from the seed by the name of the step, not by its turn, so that a schedule with one fault
   * less keeps the times of all that is left.
   */
  static Timing seeded(long seed) {
    Map<String, Integer> asked = new HashMap<>();
    return (step, what) -> {
      String name = step + " " + what;
      int turn = asked.merge(name, 1, Integer::sum);
      SplittableRandom random =
          new SplittableRandom(seed * 0x9E3779B97F4A7C15L + name.hashCode() * 31L + turn);
      random.nextLong();
      return switch (step) {
        case LATE -> Duration.ofMillis(random.nextInt(8_000));
        case RESTART -> Duration.ofMillis(500 + random.nextInt(25_000));
        default -> Duration.ofMillis(skewed(random));
      };
    };
  }

  /** Mostly milliseconds, one in eight longer, one in fifty of seconds. */
  private static int skewed(SplittableRandom random) {
    int die = random.nextInt(50);
    if (die == 0) {
      return random.nextInt(5_000);
    }
    return die <= 6 ? random.nextInt(500) : random.nextInt(10);
  }
}
