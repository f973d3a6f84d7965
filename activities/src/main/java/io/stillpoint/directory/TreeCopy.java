package io.stillpoint.directory;

import io.stillpoint.activity.SnapshotActivities.Progress;
import io.stillpoint.catalog.FileEntry;
import io.stillpoint.provider.ProgressListener;
import io.stillpoint.storage.DurableFiles;
import io.stillpoint.storage.FileSystemSync;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Copies listed files from one directory into another, several at once. Repeated after any
 * interruption it goes on where it stopped: a file that has its final name is not copied again.
 * When {@link #run} returns, every file and every directory is durable. For one run.
 */
public final class TreeCopy {

  private static final int BATCH_FILES = 2048;
  private static final long BATCH_BYTES = 32L << 20;
  private static final int SINGLE_SYNCS = 32;
  private static final long REPORT_MILLIS = 250;

  /**
   * @param files that are there now, whichever run copied them
   * @param bytes of all of them
   */
  public record Copied(long files, long bytes) {}

  private final Path source;
  private final Path target;
  private final int threads;
  private final FileCopy copy;
  private final CopyRate rate;
  private final AtomicLong files = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();
  private final Set<Path> directories = ConcurrentHashMap.newKeySet();
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
    this.source = source;
    this.target = target;
    this.threads = threads;
    this.rate = new CopyRate(bytesPerSecond);
    this.copy = new FileCopy(source, target, method, rate);
  }

  /**
   * @param total what the progress is measured against
   * @throws CopyFailedException for the first file that could not be copied
   */
  public Copied run(Iterator<FileEntry> entries, Progress total, ProgressListener listener) {
    ExecutorService pool =
        Executors.newFixedThreadPool(threads, task -> new Thread(task, "copy " + source));
    try {
      ExecutorCompletionService<Void> workers = new ExecutorCompletionService<>(pool);
      for (int i = 0; i < threads; i++) {
        workers.submit(
            () -> {
              work(entries);
              return null;
            });
      }
      for (int ended = 0; ended < threads; ) {
        Future<Void> worker = workers.poll(REPORT_MILLIS, TimeUnit.MILLISECONDS);
        if (worker != null) {
          worker.get();
          ended++;
        }
        // Files may have grown since they were listed, and are copied as they are now.
        long done = bytes.get();
        listener.report(
            new Progress(
                done, Math.max(done, total.totalBytes()), files.get(), total.totalFiles()));
      }
      syncDirectories();
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
      endWorkers(pool);
    }
  }

  private void work(Iterator<FileEntry> entries) {
    for (List<FileEntry> batch = next(entries); !batch.isEmpty(); batch = next(entries)) {
      List<FileEntry> written = new ArrayList<>();
      for (FileEntry entry : batch) {
        if (stopped) {
          return;
        }
        long finished = copy.finishedSize(entry);
        if (finished >= 0) {
          bytes.addAndGet(finished);
          files.incrementAndGet();
        } else {
          makeDirectories(entry);
          if (copy.write(entry, this::moved)) {
            written.add(entry);
          }
        }
      }
      makeDurable(written);
      for (FileEntry entry : written) {
        copy.publish(entry);
        files.incrementAndGet();
      }
    }
  }

  /** All are written before the first is made durable: many small files then take one call. */
  private void makeDurable(List<FileEntry> written) {
    try {
      if (written.size() > SINGLE_SYNCS && FileSystemSync.sync(target)) {
        return;
      }
    } catch (IOException e) {
      throw FileCopy.unwritable(target, e);
    }
    written.forEach(copy::sync);
  }

  private void moved(long count) {
    bytes.addAndGet(count);
    rate.await(count, () -> stopped);
    if (stopped) {
      throw new StoppedException();
    }
  }

  private synchronized List<FileEntry> next(Iterator<FileEntry> entries) {
    List<FileEntry> batch = new ArrayList<>();
    long size = 0;
    while (!stopped && batch.size() < BATCH_FILES && size < BATCH_BYTES && entries.hasNext()) {
      FileEntry entry = entries.next();
      batch.add(entry);
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
        directories.add(p);
      }
    }
  }

  private void syncDirectories() {
    directories.add(target);
    for (Path directory : directories) {
      try {
        DurableFiles.syncDirectory(directory);
      } catch (IOException e) {
        throw FileCopy.unwritable(directory, e);
      }
    }
  }

  /** Nobody may write into the target once this run has returned or thrown. */
  private static void endWorkers(ExecutorService pool) {
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
