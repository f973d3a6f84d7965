package io.stillpoint.mongo;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Calls many servers at once with a bounded number of threads. Calls must not make parallel calls
 * themselves, or they could wait for each other.
 */
public final class ParallelCalls implements AutoCloseable {

  private static final int THREADS = 32;

  private final ThreadPoolExecutor executor;

  public ParallelCalls() {
    AtomicInteger number = new AtomicInteger();
    executor =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            30,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread thread = new Thread(task, "mongo-call-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    executor.allowCoreThreadTimeOut(true);
  }

  /**
   * Results in the order of the inputs. If calls fail, waits for all the others, then throws the
   * first failure in that order with the rest suppressed.
   */
  public <T, R> List<R> map(List<T> inputs, Function<T, R> call) {
    if (inputs.size() == 1) {
      return List.of(call.apply(inputs.get(0)));
    }
    List<CompletableFuture<R>> futures =
        inputs.stream()
            .map(i -> CompletableFuture.supplyAsync(() -> call.apply(i), executor))
            .toList();
    List<R> results = new ArrayList<>();
    RuntimeException failure = null;
    for (CompletableFuture<R> future : futures) {
      try {
        results.add(future.join());
      } catch (CompletionException e) {
        RuntimeException cause = e.getCause() instanceof RuntimeException r ? r : e;
        if (failure == null) {
          failure = cause;
        } else if (failure != cause) {
          failure.addSuppressed(cause);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
    return results;
  }

  public <T> void each(List<T> inputs, Consumer<T> call) {
    map(
        inputs,
        i -> {
          call.accept(i);
          return i;
        });
  }

  @Override
  public void close() {
    executor.shutdownNow();
  }
}
