package io.stillpoint.activities;

import io.stillpoint.activity.SnapshotActivities;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.OperationStatus;
import io.stillpoint.model.SnapshotRef;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.provider.ProgressListener;
import io.stillpoint.provider.SnapshotProvider;
import io.stillpoint.provider.SnapshotProvider.Readiness;
import io.temporal.activity.Activity;
import io.temporal.activity.ActivityExecutionContext;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Hands every request to the provider of its type, and heartbeats what the provider reports. */
public final class SnapshotActivitiesImpl implements SnapshotActivities {

  private static final long BEAT_MILLIS = 1000;

  /** So many names fit into one payload; a sweep that removed some finds the others. */
  private static final int MAX_BACKUPS = 500;

  private final Map<SnapshotType, SnapshotProvider> providers = new EnumMap<>(SnapshotType.class);

  private final Function<String, Optional<OperationStatus>> recorded;

  /**
   * @param recorded how the catalog has a backup of that name
   */
  public SnapshotActivitiesImpl(
      Collection<SnapshotProvider> providers,
      Function<String, Optional<OperationStatus>> recorded) {
    this.recorded = recorded;
    providers.forEach(provider -> this.providers.put(provider.type(), provider));
  }

  @Override
  public VolumePlan resolve(VolumeRequest request) {
    return BackgroundHeartbeat.during(() -> provider(request.type()).resolve(request));
  }

  @Override
  public List<SnapshotRef> cut(CutRequest request) {
    requireUnrecorded(request.backup(), "cut into");
    return provider(request.type()).cut(request, heartbeat());
  }

  @Override
  public List<SnapshotRef> awaitReady(List<SnapshotRef> snapshots) {
    if (snapshots.isEmpty()) {
      return snapshots;
    }
    List<SnapshotRef> ready = new ArrayList<>();
    for (SnapshotType type : snapshots.stream().map(SnapshotRef::provider).distinct().toList()) {
      List<SnapshotRef> own = snapshots.stream().filter(s -> s.provider() == type).toList();
      ready.addAll(type.automatic() ? await(provider(type), own) : own);
    }
    return ready;
  }

  @Override
  public List<SnapshotRef> copyElsewhere(List<SnapshotRef> snapshots) {
    if (snapshots.isEmpty()) {
      return snapshots;
    }
    SnapshotProvider provider = provider(snapshots.get(0).provider());
    ProgressListener heartbeat = heartbeat();
    return await(
        provider,
        heartbeat,
        () -> provider.copyElsewhere(snapshots, heartbeat),
        now -> now.snapshots().stream().noneMatch(s -> s.copies().isEmpty()));
  }

  @Override
  public void delete(DeleteRequest request) {
    try (BackgroundHeartbeat beat = new BackgroundHeartbeat(Activity.getExecutionContext(), null)) {
      requireUnrecorded(request.backup(), "take back");
      provider(request.type()).delete(request);
      beat.throwIfEnded();
    }
  }

  @Override
  public void discard(String cluster, String backup, List<SnapshotRef> snapshots) {
    for (SnapshotType type : snapshots.stream().map(SnapshotRef::provider).distinct().toList()) {
      if (!type.automatic()) {
        // A person's copies are the person's to delete.
        continue;
      }
      List<SnapshotRef> own = snapshots.stream().filter(s -> s.provider() == type).toList();
      try (BackgroundHeartbeat beat =
          new BackgroundHeartbeat(Activity.getExecutionContext(), null)) {
        provider(type).discard(cluster, backup, own);
        beat.throwIfEnded();
      }
    }
  }

  @Override
  public List<String> backups(SnapshotType type, String cluster, String member) {
    return BackgroundHeartbeat.during(
        () -> provider(type).backups(cluster, member).stream().limit(MAX_BACKUPS).toList());
  }

  @Override
  public List<String> sweep(SweepRequest request) {
    return BackgroundHeartbeat.during(() -> provider(request.type()).sweep(request));
  }

  /**
   * Only retention and {@code delete-backup} touch what a manifest promises. A second run of the
   * same backup (somebody reset its workflow) finds its cursors gone and would clean up after the
   * first.
   */
  private void requireUnrecorded(String backup, String what) {
    recorded
        .apply(backup)
        .filter(s -> s == OperationStatus.COMPLETED || s == OperationStatus.DELETING)
        .ifPresent(
            status -> {
              throw new StillpointException(
                  ErrorCode.BACKUP_EXISTS,
                  "backup '%s' is recorded as %s, so its operation may not %s its snapshots any more"
                      .formatted(backup, status, what),
                  "its snapshots are as they were; to delete them: stillpoint delete-backup "
                      + backup);
            });
  }

  private static List<SnapshotRef> await(SnapshotProvider provider, List<SnapshotRef> snapshots) {
    ProgressListener heartbeat = heartbeat();
    provider.seal(snapshots, heartbeat);
    return await(provider, heartbeat, () -> provider.poll(snapshots), Readiness::allReady);
  }

  private static List<SnapshotRef> await(
      SnapshotProvider provider,
      ProgressListener heartbeat,
      Supplier<Readiness> look,
      Predicate<Readiness> done) {
    while (true) {
      Readiness now = look.get();
      heartbeat.report(now.progress());
      if (done.test(now)) {
        return now.snapshots();
      }
      long left = provider.pollInterval().toMillis();
      while (left > 0) {
        pause(Math.min(left, BEAT_MILLIS));
        left -= BEAT_MILLIS;
        heartbeat.report(now.progress());
      }
    }
  }

  private static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while snapshots became ready", e);
    }
  }

  /** Throws, and so stops the work, once the activity is cancelled or was given to another. */
  private static ProgressListener heartbeat() {
    ActivityExecutionContext context = Activity.getExecutionContext();
    return context::heartbeat;
  }

  private SnapshotProvider provider(SnapshotType type) {
    SnapshotProvider provider = providers.get(type);
    if (provider == null) {
      throw new StillpointException(
          ErrorCode.CONFIGURATION_INVALID,
          providers.isEmpty()
              ? "this worker is configured for no snapshots, but type %s was asked for"
                  .formatted(type.word())
              : "this worker makes snapshots of type %s, but type %s was asked for"
                  .formatted(words(providers.keySet()), type.word()),
          type.inCloud()
              ? "configure stillpoint.%s on every control worker, or choose another with --type"
                  .formatted(type.word())
              : "configure stillpoint.node.%s on the node agents, or choose another with --type"
                  .formatted(type.word()));
    }
    return provider;
  }

  private static String words(Collection<SnapshotType> types) {
    return types.stream().map(SnapshotType::word).collect(Collectors.joining(", "));
  }
}
