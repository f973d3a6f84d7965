package io.stillpoint.directory;

import io.stillpoint.activity.SnapshotActivities.Progress;
import io.stillpoint.catalog.FileEntry;
import io.stillpoint.directory.CopyFailedException.Reason;
import io.stillpoint.provider.ProgressListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Copies listed files from one directory into another, several at once, under their own names.
 * Every few seconds it makes durable what was copied and records it, so that a copy that is
 * repeated after any interruption goes on from the last record. When {@link #run} returns, every
 * file and every directory is durable. For one run.
 */
public final class TreeCopy {

  private static final int BATCH_FILES = 64;
  private static final long BATCH_BYTES = 32L << 20;
  private static final long REPORT_MILLIS = 250;

  /** What a killed copy has to do again at most, beside the time that a sync takes. */
  private static final Duration RECORD_EVERY = Duration.ofSeconds(10);

  /**
   * @param files that are there now, whichever run copied them
   * @param bytes of all of them
   */
  public record Copied(long files, long bytes) {}

  /** An entry and its place in the list, counted from 0. */
  private record Placed(int place, FileEntry entry) {}

  private final Path source;
  private final Path target;
  private final int threads;
  private final FileCopy copy;
  private final CopyRate rate;
  private final Durability durability;
  private final Duration recordEvery;
  private final AtomicLong files = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();
  private final Set<Path> directories = ConcurrentHashMap.newKeySet();
  private int places;
  private volatile boolean stopped;

  /**
   * @param target must exist
   */
  public TreeCopy(Path source, Path target, CopyMethod method, int threads) {
    this(source, target, method, threads, 0);
  }

  /**
   * @param target must exist
   * @param bytesPerSecond 0 for as fast as it goes
   */
  public TreeCopy(Path source, Path target, CopyMethod method, int threads, long bytesPerSecond) {
    this(source, target, method, threads, bytesPerSecond, Durability.OF_THIS_SYSTEM, RECORD_EVERY);
  }

  TreeCopy(
      Path source,
      Path target,
      CopyMethod method,
      int threads,
      long bytesPerSecond,
      Durability durability,
      Duration recordEvery) {
    this.source = source;
    this.target = target;
    this.threads = threads;
    this.rate = new CopyRate(bytesPerSecond);
    this.copy = new FileCopy(source, target, method, rate);
    this.durability = durability;
    this.recordEvery = recordEvery;
  }

  /**
   * @param record of the target; what it holds is not copied again
   * @param total what the progress is measured against
   * @throws CopyFailedException for the first file that could not be copied
   */
  public Copied run(
      Iterator<FileEntry> entries, CopyRecord record, Progress total, ProgressListener listener) {
    WrittenFiles written = new WrittenFiles(target, directories, record, durability);
    ExecutorService pool =
        Executors.newFixedThreadPool(threads + 1, task -> new Thread(task, "copy " + source));
    try {
      ExecutorCompletionService<Void> tasks = new ExecutorCompletionService<>(pool);
      CountDownLatch copying = new CountDownLatch(threads);
      for (int i = 0; i < threads; i++) {
        tasks.submit(
            () -> {
              try {
                work(entries, record, written);
              } finally {
                copying.countDown();
              }
              return null;
            });
      }
      tasks.submit(
          () -> {
            settle(copying, written);
            return null;
          });
      for (int ended = 0; ended <= threads; ) {
        Future<Void> task = tasks.poll(REPORT_MILLIS, TimeUnit.MILLISECONDS);
        if (task != null) {
          task.get();
          ended++;
        }
        // Files may have grown since they were listed, and are copied as they are now.
        long done = bytes.get();
        listener.report(
            new Progress(
                done, Math.max(done, total.totalBytes()), files.get(), total.totalFiles()));
      }
      return new Copied(files.get(), bytes.get());
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException known
          ? known
          : new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while copying " + source, e);
    } finally {
      stopped = true;
      endAll(pool);
    }
  }

  private void work(Iterator<FileEntry> entries, CopyRecord record, WrittenFiles written) {
    for (List<Placed> batch = next(entries); !batch.isEmpty(); batch = next(entries)) {
      for (Placed placed : batch) {
        if (stopped) {
          return;
        }
        FileEntry entry = placed.entry();
        long size = record.holds(placed.place()) ? kept(placed, record) : -1;
        if (size >= 0) {
          bytes.addAndGet(size);
        } else {
          makeDirectories(entry);
          size = copy.write(entry, this::moved);
        }
        if (size >= 0) {
          files.incrementAndGet();
          if (!record.holds(placed.place())) {
            written.add(placed.place(), target.resolve(entry.path()), size);
          }
        }
      }
    }
  }

  /** The size of a file that is durable, or -1 if it is not any more. */
  private long kept(Placed placed, CopyRecord record) {
    long size = copy.size(placed.entry());
    if (size < 0) {
      try {
        record.forget(placed.place());
      } catch (IOException e) {
        throw FileCopy.unwritable(target, e);
      }
    }
    return size;
  }

  private void settle(CountDownLatch copying, WrittenFiles written) throws InterruptedException {
    boolean more = true;
    while (more) {
      more = !copying.await(recordEvery.toNanos(), TimeUnit.NANOSECONDS);
      if (stopped) {
        return;
      }
      written.settle(more);
    }
  }

  private void moved(long count) {
    bytes.addAndGet(count);
    rate.await(count, () -> stopped);
    if (stopped) {
      throw new StoppedException();
    }
  }

  private synchronized List<Placed> next(Iterator<FileEntry> entries) {
    List<Placed> batch = new ArrayList<>();
    long size = 0;
    while (!stopped && batch.size() < BATCH_FILES && size < BATCH_BYTES && entries.hasNext()) {
      FileEntry entry = entries.next();
      batch.add(new Placed(places++, entry));
      size += entry.minimumSize();
    }
    return batch;
  }

  private void makeDirectories(FileEntry entry) {
    Path parent = target.resolve(entry.path()).getParent();
    if (!directories.contains(parent)) {
      try {
        Files.createDirectories(parent);
      } catch (IOException e) {
        throw FileCopy.unwritable(parent, e);
      }
      for (Path p = parent; p.startsWith(target); p = p.getParent()) {
        if (Files.isSymbolicLink(p)) {
          throw new CopyFailedException(
              Reason.TARGET_UNWRITABLE, p, "it is a symbolic link, which is not followed", null);
        }
        directories.add(p);
      }
    }
  }

  /** Nobody may write into the target once this run has returned or thrown. */
  private static void endAll(ExecutorService pool) {
    pool.shutdown();
    boolean interrupted = false;
    while (!pool.isTerminated()) {
      try {
        pool.awaitTermination(1, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends a worker whose run is over; never seen outside. */
  private static final class StoppedException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }
}
