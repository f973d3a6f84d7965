package io.stillpoint.activities;

import io.stillpoint.activity.RecoveryActivities;
import io.stillpoint.catalog.BackupCatalog;
import io.stillpoint.catalog.OperationRecord;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.BackupSummary;
import io.stillpoint.model.BalancerSettings;
import io.stillpoint.model.CatalogEntry;
import io.stillpoint.model.Manifest;
import io.stillpoint.model.OperationStatus;
import io.stillpoint.model.SnapshotRef;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.mongo.BackupCursors;
import io.stillpoint.mongo.Balancer;
import io.stillpoint.mongo.TopologyReader;
import io.temporal.activity.Activity;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds what dead operations left by what the catalog recorded and Temporal knows. */
public final class RecoveryActivitiesImpl implements RecoveryActivities {

  private static final int MAX_BACKUPS = 500;

  private final BackupCatalog catalog;
  private final OperationLink link;
  private final TopologyReader topologies;
  private final BackupCursors cursors;
  private final Balancer balancer;
  private final Clock clock;

  public RecoveryActivitiesImpl(
      BackupCatalog catalog,
      OperationLink link,
      TopologyReader topologies,
      BackupCursors cursors,
      Balancer balancer,
      Clock clock) {
    this.catalog = catalog;
    this.link = link;
    this.topologies = topologies;
    this.cursors = cursors;
    this.balancer = balancer;
    this.clock = clock;
  }

  @Override
  public Leftovers look(String cluster) {
    return BackgroundHeartbeat.during(
        () -> {
          List<DeadBackup> backups =
              catalog.list(Optional.of(cluster), MAX_BACKUPS).stream()
                  .filter(b -> b.status() == OperationStatus.RUNNING)
                  .filter(b -> b.cluster().equals(cluster))
                  .map(BackupSummary::backup)
                  .map(catalog::read)
                  .filter(m -> m.status() == OperationStatus.RUNNING && !isAlive(m.owner()))
                  .map(m -> new DeadBackup(m.backup(), m.type(), m.owner()))
                  .toList();
          List<OperationRecord> dead = dead(cluster);
          return new Leftovers(
              backups,
              dead.stream().filter(RestoreMarks::isMark).map(RestoreMarks::read).toList(),
              dead.stream().anyMatch(RecoveryActivitiesImpl::holdsBalancer));
        });
  }

  @Override
  public Survey survey(String cluster) {
    Leftovers left = look(cluster);
    return new Survey(
        left,
        left.restores().isEmpty()
            ? Optional.of(BackgroundHeartbeat.during(() -> topologies.read(cluster)))
            : Optional.empty());
  }

  @Override
  public List<Unfinished> unfinished(Optional<String> cluster) {
    return BackgroundHeartbeat.during(
        () ->
            cluster.map(catalog::operations).orElseGet(catalog::operations).stream()
                .filter(this::isDead)
                .map(
                    o ->
                        new Unfinished(
                            o.cluster(),
                            o.operation(),
                            RestoreMarks.isMark(o) ? RestoreMarks.read(o).restore() : ""))
                .toList());
  }

  @Override
  public void mark(String cluster, RestoreMark mark) {
    BackgroundHeartbeat.during(
        () -> {
          String run = Activity.getExecutionContext().getInfo().getWorkflowRunId();
          catalog.saveOperation(RestoreMarks.write(cluster, mark, run, clock.instant()));
          if (!link.isRunning(mark.operation(), run)) {
            // A late attempt: left there, the mark would have a verified restore undone.
            catalog.forgetOperation(cluster, mark.operation());
            throw new StillpointException(
                ErrorCode.RECOVERY_NEEDED,
                "restore '%s' has ended, so it is not marked as under way"
                    .formatted(mark.restore()),
                "nothing to do: this was a late attempt of an operation that is over");
          }
          return null;
        });
  }

  @Override
  public FirstRun afterReset(
      String backup, Optional<String> cluster, String operation, String firstRun) {
    return BackgroundHeartbeat.during(
        () -> {
          // Without its record, no restore of the backup can have begun.
          String target = cluster.or(() -> catalog.find(backup).map(Manifest::cluster)).orElse("");
          return new FirstRun(
              target,
              link.hasCompleted(operation, firstRun),
              !target.isEmpty()
                  && catalog
                      .readOperation(target, operation)
                      .filter(RestoreMarks::isMark)
                      .isPresent());
        });
  }

  @Override
  public void unmark(String cluster, String operation) {
    BackgroundHeartbeat.during(() -> catalog.forgetOperation(cluster, operation));
  }

  @Override
  public List<LeftCursor> cursors(String cluster, String member, boolean close) {
    return BackgroundHeartbeat.during(
        () ->
            cursors.abandoned(cluster, member, this::isGone, close).stream()
                .map(c -> new LeftCursor(member, c.operation(), c.idle().toMillis(), c.closed()))
                .toList());
  }

  @Override
  public String giveBalancerBack(String cluster, boolean dryRun) {
    return BackgroundHeartbeat.during(
        () -> {
          List<OperationRecord> records =
              dead(cluster).stream().filter(RecoveryActivitiesImpl::holdsBalancer).toList();
          if (records.isEmpty()) {
            return "nothing was left to give back";
          }
          // Whoever came later read what the first had stopped.
          BalancerSettings saved = records.get(0).balancer();
          BalancerSettings now = balancer.read(cluster);
          boolean write = !now.enabled() && !now.equals(saved);
          if (!dryRun) {
            if (write) {
              balancer.write(cluster, saved);
            }
            records.forEach(r -> catalog.forgetOperation(cluster, r.operation()));
          }
          return (dryRun ? "would " : "")
              + (write
                  ? "give it back what %s had saved (enabled: %s)"
                      .formatted(records.get(0).operation(), saved.enabled())
                  : "leave its settings, which are as saved or were changed since, and forget the record");
        });
  }

  @Override
  public Map<String, Kept> kept(String cluster, List<String> backups) {
    return BackgroundHeartbeat.during(
        () -> {
          Map<String, Kept> kept = new LinkedHashMap<>();
          backups.forEach(b -> kept.put(b, kept(cluster, b)));
          return kept;
        });
  }

  private Kept kept(String cluster, String backup) {
    try {
      return catalog
          .find(backup)
          .map(manifest -> kept(cluster, manifest))
          .orElseGet(() -> new Kept(false, false, List.of()));
    } catch (StillpointException e) {
      if (e.code() == ErrorCode.MANIFEST_DAMAGED || e.code() == ErrorCode.MANIFEST_VERSION) {
        return new Kept(true, true, List.of());
      }
      throw e;
    }
  }

  private Kept kept(String cluster, Manifest manifest) {
    boolean running = manifest.status() == OperationStatus.RUNNING && isAlive(manifest.owner());
    return new Kept(
        true,
        running || !manifest.cluster().equals(cluster),
        manifest.sets().stream()
            .flatMap(s -> s.snapshots().stream())
            .flatMap(SnapshotRef::ids)
            .toList());
  }

  @Override
  public List<String> lost(String cluster, String member, List<String> present) {
    return BackgroundHeartbeat.during(
        () ->
            catalog.entries(cluster).stream()
                .filter(e -> e.state() == CatalogEntry.State.GOOD && !present.contains(e.backup()))
                .map(CatalogEntry::backup)
                .filter(b -> promises(b, member))
                .toList());
  }

  /**
   * Whether a snapshot of the member must be in a directory; one that is being deleted need not.
   */
  private boolean promises(String backup, String member) {
    return catalog.find(backup).filter(m -> m.status() == OperationStatus.COMPLETED).stream()
        .flatMap(m -> m.sets().stream())
        .flatMap(s -> s.snapshots().stream())
        .anyMatch(s -> s.provider() == SnapshotType.DIRECTORY && s.member().equals(member));
  }

  @Override
  public boolean isRunning(String workflowId) {
    return link.isRunning(workflowId, "");
  }

  @Override
  public String freeStaleLock(String cluster) {
    return link.freeStaleLock(cluster);
  }

  private List<OperationRecord> dead(String cluster) {
    return catalog.operations(cluster).stream().filter(this::isDead).toList();
  }

  private boolean isDead(OperationRecord operation) {
    return !link.isRunning(operation.operation(), operation.recordedBy());
  }

  private static boolean holdsBalancer(OperationRecord operation) {
    return !RestoreMarks.isMark(operation);
  }

  /** A backup's owner is its workflow id and run id. */
  private boolean isAlive(String owner) {
    int space = owner.lastIndexOf(' ');
    return space > 0 && link.isRunning(owner.substring(0, space), owner.substring(space + 1));
  }

  /**
   * Whether the backup of this name is over. Of one that this catalog does not know nobody here can
   * say; then only its long disuse tells.
   */
  private BackupCursors.Life isGone(String backup) {
    try {
      Manifest manifest = catalog.read(backup);
      return manifest.status() == OperationStatus.RUNNING && isAlive(manifest.owner())
          ? BackupCursors.Life.ALIVE
          : BackupCursors.Life.GONE;
    } catch (StillpointException e) {
      return switch (e.code()) {
        case BACKUP_UNKNOWN, MANIFEST_DAMAGED, MANIFEST_VERSION -> BackupCursors.Life.UNKNOWN;
        default -> throw e;
      };
    }
  }
}
