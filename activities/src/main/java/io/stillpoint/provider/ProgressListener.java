package io.stillpoint.provider;

import io.stillpoint.activity.SnapshotActivities.Progress;

/**
 * Hears how far a piece of work has come, often (at least every few seconds), from whichever thread
 * does it. May throw to stop the work: the thrower has been cancelled or replaced, so a provider
 * lets the exception pass, and leaves behind only what a repetition can resume.
 */
@FunctionalInterface
public interface ProgressListener {

  ProgressListener NONE = progress -> {};

  void report(Progress progress);
}
