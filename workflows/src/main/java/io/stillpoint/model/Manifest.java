package io.stillpoint.model;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One backup's record in the catalog. COMPLETED exactly when every snapshot is ready.
 *
 * @param formatVersion of this record; a reader refuses one that it does not know
 * @param owner workflow id and run id of the operation that writes it; nobody else may
 * @param balancer the balancer's settings before the backup stopped it
 * @param consistentPoint absent until it is fixed
 * @param failure code and message of a backup that did not complete, else empty
 */
public record Manifest(
    int formatVersion,
    String backup,
    String cluster,
    String clusterId,
    boolean sharded,
    SnapshotType type,
    OperationStatus status,
    String owner,
    Instant startedAt,
    Optional<Instant> completedAt,
    Optional<ClusterTime> consistentPoint,
    long cursorWindowMillis,
    BalancerSettings balancer,
    List<ManifestSet> sets,
    Map<String, String> tags,
    List<String> warnings,
    String failure) {

  /** Version 2 brought the status DELETING. */
  public static final int FORMAT_VERSION = 2;

  /** Older records are not read. */
  public static final int OLDEST_VERSION = 1;

  public Manifest {
    sets = List.copyOf(sets);
    tags = Map.copyOf(tags);
    warnings = List.copyOf(warnings);
  }

  public Optional<ManifestSet> set(String name) {
    return sets.stream().filter(s -> s.set().equals(name)).findFirst();
  }

  /** The same record with other sets and warnings; for what is written onto snapshots. */
  public Manifest with(List<ManifestSet> others, List<String> otherWarnings) {
    return new Manifest(
        formatVersion,
        backup,
        cluster,
        clusterId,
        sharded,
        type,
        status,
        owner,
        startedAt,
        completedAt,
        consistentPoint,
        cursorWindowMillis,
        balancer,
        others,
        tags,
        otherWarnings,
        failure);
  }

  /** The same record, whose snapshots are about to be deleted. */
  public Manifest deleting(String why) {
    return new Manifest(
        FORMAT_VERSION,
        backup,
        cluster,
        clusterId,
        sharded,
        type,
        OperationStatus.DELETING,
        owner,
        startedAt,
        completedAt,
        consistentPoint,
        cursorWindowMillis,
        balancer,
        sets,
        tags,
        warnings,
        why);
  }

  /** Without the sets' long documents; what travels through workflow history. */
  public Manifest slim() {
    return new Manifest(
        formatVersion,
        backup,
        cluster,
        clusterId,
        sharded,
        type,
        status,
        owner,
        startedAt,
        completedAt,
        consistentPoint,
        cursorWindowMillis,
        balancer,
        sets.stream().map(ManifestSet::slim).toList(),
        tags,
        warnings,
        failure);
  }
}
