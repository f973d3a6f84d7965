package io.stillpoint.sandbox.demo;

import io.stillpoint.backup.BackupDescription;
import io.stillpoint.backup.BackupPhase;
import io.stillpoint.backup.BackupRequest;
import io.stillpoint.backup.BackupResult;
import io.stillpoint.client.BackupOperation;
import io.stillpoint.client.StillpointClient;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.policy.WorkflowIds;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** The story's backup: it loses a worker at the worst moment, and is completed by the other. */
final class DemoBackup {

  /**
   * @param killed name of the worker that was killed
   */
  record Outcome(BackupResult result, String killed) {}

  private final SnapshotType type;
  private final Narrator narrator;
  private final StillpointClient client;
  private final DemoWorkers workers;
  private final Optional<DemoCloud> cloud;
  private final String temporal;

  DemoBackup(
      SnapshotType type,
      Narrator narrator,
      StillpointClient client,
      DemoWorkers workers,
      Optional<DemoCloud> cloud,
      String temporal) {
    this.type = type;
    this.narrator = narrator;
    this.client = client;
    this.workers = workers;
    this.cloud = cloud;
    this.temporal = temporal;
  }

  /** Returns once the backup is complete. */
  Outcome run() {
    String name = WorkflowIds.backupName(DemoWorkers.CLUSTER, Instant.now());
    narrator.chapter("Backing up: " + name);
    cloud.ifPresent(DemoCloud::loseNextAnswer);
    BackupOperation backup = client.startBackup(BackupRequest.of(DemoWorkers.CLUSTER, name, type));
    awaitWorkers(backup);
    follow(backup, d -> d.phase().compareTo(BackupPhase.COPYING) >= 0);
    BackupDescription copying = backup.describe();
    copying.consistentPoint().ifPresent(p -> narrator.detail("consistent point: " + p));
    copying
        .sets()
        .forEach(s -> narrator.detail("%s: copying from %s".formatted(s.set(), s.member())));
    boolean copies = type == SnapshotType.DIRECTORY;
    String killed =
        cloud.map(c -> killCutter(c, name, backup)).orElseGet(() -> killHolder(name, backup));
    BackupResult result = finished(backup);
    narrator.detail(
        "completed; cursor window %d ms%s"
            .formatted(
                result.cursorWindowMillis(),
                copies ? " (the copies were slowed down on purpose)" : ""));
    return new Outcome(result, killed);
  }

  private void awaitWorkers(BackupOperation backup) {
    Patience.await(
        "a control worker to take the backup up",
        () -> {
          workers.all().stream()
              .filter(w -> !w.isAlive())
              .findFirst()
              .ifPresent(
                  w -> {
                    throw new DemoException(w.name() + " ended:\n" + w.endOfLog());
                  });
          return isDescribed(backup);
        });
  }

  /** A query fails until a worker has begun the workflow. */
  private static boolean isDescribed(BackupOperation backup) {
    try {
      backup.describe();
      return true;
    } catch (StillpointException e) {
      return false;
    }
  }

  private String killHolder(String name, BackupOperation backup) {
    try (BusyWorkers holders = new BusyWorkers(temporal)) {
      int sets = backup.describe().sets().size();
      Patience.await(
          "every cursor to be held",
          () ->
              holders.keepingCursors(WorkflowIds.backup(name)).values().stream()
                      .mapToInt(i -> i)
                      .sum()
                  >= sets);
      Map<String, Integer> held = holders.keepingCursors(WorkflowIds.backup(name));
      narrator.detail("cursors are kept alive by " + held);
      String victim =
          held.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow().getKey();
      WorkerProcess worker =
          workers
              .named(victim)
              .orElseThrow(() -> new DemoException("no worker process is named " + victim));
      narrator.chapter(
          "kill -9 %d: %s dies in the middle of the copy, with %d cursors"
              .formatted(worker.pid(), victim, held.get(victim)));
      worker.kill();
      Patience.await(
          "the cursors to be adopted",
          () -> {
            BackupDescription d = backup.describe();
            boolean adopted =
                d.sets().stream().mapToInt(s -> s.adoptions()).sum() >= held.get(victim);
            if (!adopted && d.status().isFinal()) {
              throw new DemoException("the backup ended before its cursors were adopted");
            }
            return adopted;
          });
      backup
          .describe()
          .sets()
          .forEach(
              s -> {
                if (!s.holder().isEmpty()) {
                  narrator.detail("%s: %s adopted the cursor".formatted(s.set(), s.holder()));
                }
              });
      return victim;
    }
  }

  /** The cloud has made the snapshot, but the worker that asked for it will never record it. */
  private String killCutter(DemoCloud cloud, String name, BackupOperation backup) {
    try (BusyWorkers busy = new BusyWorkers(temporal)) {
      int sets = backup.describe().sets().size();
      Patience.await(
          "every snapshot to be made and one answer to be lost",
          () ->
              cloud.snapshots().size() == sets
                  && List.copyOf(busy.cutting(WorkflowIds.backup(name)).values())
                      .equals(List.of(1)));
      String victim = busy.cutting(WorkflowIds.backup(name)).keySet().iterator().next();
      WorkerProcess worker =
          workers
              .named(victim)
              .orElseThrow(() -> new DemoException("no worker process is named " + victim));
      narrator.chapter(
          "kill -9 %d: %s dies between the cloud's cut and its record"
              .formatted(worker.pid(), victim));
      worker.kill();
      return victim;
    }
  }

  private BackupResult finished(BackupOperation backup) {
    follow(backup, d -> d.status().isFinal());
    return backup
        .await(Patience.LIMIT)
        .orElseThrow(() -> new DemoException("the backup did not end in time"));
  }

  private void follow(BackupOperation backup, Predicate<BackupDescription> until) {
    Patience.await(
        "the backup",
        () -> {
          BackupDescription d = backup.describe();
          long copied = backup.pending().copies().stream().mapToLong(c -> c.doneBytes()).sum();
          narrator.progress(
              "%s%s"
                  .formatted(
                      d.phase(),
                      copied == 0 ? "" : ", %d MB copied".formatted(copied / 1_000_000)));
          if (!d.failure().isEmpty()) {
            throw new DemoException("the backup ended: " + d.failure());
          }
          return until.test(d);
        });
  }
}
