package io.stillpoint.policy;

import io.temporal.workflow.Async;
import io.temporal.workflow.Promise;
import io.temporal.workflow.Workflow;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Fan-out within a workflow. */
public final class Parallel {

  private Parallel() {}

  /**
   * Runs the action for every item at once and waits for every one, even if some fail, so that no
   * effect is still under way when the caller begins to clean up; then throws the first failure.
   */
  public static <T> void forEach(Collection<T> items, Consumer<T> action) {
    List<Promise<Void>> all =
        items.stream().map(i -> Async.procedure(() -> action.accept(i))).toList();
    join(all);
  }

  /**
   * Waits until all have ended, then throws the first failure. Each is asked by itself, because
   * {@link Promise#allOf} forgets the failure of one that had ended before it was called.
   */
  public static void join(List<Promise<Void>> promises) {
    settle(promises);
    promises.forEach(Promise::get);
  }

  /** Waits until all have ended, whichever way. */
  public static void settle(List<Promise<Void>> promises) {
    Stream<Promise<Object>> ended = promises.stream().map(p -> p.handle((ok, failure) -> null));
    Promise.allOf(ended.toList()).get();
  }

  /** True once all have ended; for conditions. */
  public static boolean allEnded(List<Promise<Void>> promises) {
    return promises.stream().allMatch(Promise::isCompleted);
  }

  /**
   * What has arrived with the same task of the workflow is taken in by whoever waits for it, before
   * this returns. Whoever waits for the first of several things needs it to know the others.
   */
  public static void letOthersRun() {
    Async.procedure(() -> {}).get();
  }

  /** Runs the action in a scope that a cancelled operation does not cancel: for cleaning up. */
  public static void detached(Runnable action) {
    Workflow.newDetachedCancellationScope(action::run).run();
  }
}
