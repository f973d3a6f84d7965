package io.stillpoint.policy;

import io.temporal.failure.ActivityFailure;
import io.temporal.failure.ApplicationFailure;
import io.temporal.failure.CanceledFailure;
import java.util.function.Supplier;

/**
 * A step that takes moments as a rule. It is tried within the workflow's own task, where it costs
 * history one event; if that try takes longer, or fails in a way that another may mend, it becomes
 * an activity, which people can see, and which is retried as its policy says.
 *
 * <p>Only for what may run beside itself: the first try may still be under way then.
 */
public final class BriefStep {

  private BriefStep() {}

  /**
   * @param tried whether there is a brief try at all; operations of older builds have none
   * @param brief a local activity, once, with a short limit
   * @param visible the same as an activity
   */
  public static <T> T run(boolean tried, Supplier<T> brief, Supplier<T> visible) {
    if (!tried) {
      return visible.get();
    }
    try {
      return brief.get();
    } catch (ActivityFailure e) {
      if (isFinal(e.getCause())) {
        throw e;
      }
      return visible.get();
    }
  }

  /** As {@link #run(boolean, Supplier, Supplier)}, for a step without an answer. */
  public static void run(boolean tried, Runnable brief, Runnable visible) {
    run(
        tried,
        () -> {
          brief.run();
          return null;
        },
        () -> {
          visible.run();
          return null;
        });
  }

  private static boolean isFinal(Throwable cause) {
    return cause instanceof CanceledFailure
        || cause instanceof ApplicationFailure refused && refused.isNonRetryable();
  }
}
