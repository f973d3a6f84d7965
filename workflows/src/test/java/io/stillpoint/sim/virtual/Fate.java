package io.stillpoint.sim.virtual;

/**
 * What a simulated activity throws when it neither returns nor fails: it is the worker that
 * something happens to. Carries no stack trace.
 */
public abstract sealed class Fate extends Error {

  private static final long serialVersionUID = 1L;

  private Fate(String what) {
    super(what, null, false, false);
  }

  /** The attempt is never heard of again. */
  public static final class Dies extends Fate {
    private static final long serialVersionUID = 1L;

    public Dies() {
      super("the attempt dies");
    }
  }

  /** The attempt hangs beyond its time limit; then its effect comes, beside its own retry. */
  public static final class Late extends Fate {
    private static final long serialVersionUID = 1L;
    private final transient Runnable effect;

    public Late(Runnable effect) {
      super("the attempt is late");
      this.effect = effect;
    }

    Runnable effect() {
      return effect;
    }
  }

  /** The activity does something again and again until that throws. */
  public static final class Repeats extends Fate {
    private static final long serialVersionUID = 1L;
    private final transient Runnable turn;

    public Repeats(Runnable turn) {
      super("the activity repeats something");
      this.turn = turn;
    }

    Runnable turn() {
      return turn;
    }
  }
}
