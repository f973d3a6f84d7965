package io.stillpoint.activity;

import io.stillpoint.activity.SnapshotActivities.HostDisks;
import io.stillpoint.model.ClusterTime;
import io.stillpoint.model.FileListRef;
import io.stillpoint.model.SeenCatalog;
import io.stillpoint.model.SnapshotRef;
import io.stillpoint.model.SnapshotType;
import io.temporal.activity.ActivityInterface;
import io.temporal.activity.ActivityMethod;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What only a member's own host can do. Runs on that member's node agent. The agent's configuration
 * says which data directory, programs and snapshot directories these words mean; nothing in the
 * requests can point elsewhere.
 *
 * <p>Data of a restore lives below {@code <dbPath>/.stillpoint/<restore>/}: {@code stage} is the
 * new data, {@code old} the data that it replaced, {@code state} how far the swap came.
 */
@ActivityInterface(namePrefix = "Node")
public interface NodeActivities {

  /**
   * @param mongodVersion what the configured program prints, e.g. "4.4.6-8"
   * @param running a mongod holds the data directory now
   * @param dataBytes size of the data directory without earlier restores' remains
   * @param unfinishedRestore name of a restore that was neither released nor undone, else empty
   * @param storageOptions storage options that the agent would start mongod with, as JSON
   * @param exchangesVolumes types of snapshots that become volumes in the live ones' places here
   *     instead of being copied; older agents do not say it
   * @param differences how the server that runs was started otherwise than the agent would start
   *     it; older agents do not say it
   * @param catalog as the agent sees it; absent from older agents, and of a mongos
   */
  record NodeReport(
      String member,
      String host,
      String dbPath,
      String mongodVersion,
      boolean running,
      long freeBytes,
      long dataBytes,
      String unfinishedRestore,
      String storageOptions,
      List<SnapshotType> exchangesVolumes,
      List<String> warnings,
      List<String> differences,
      Optional<SeenCatalog> catalog) {
    public NodeReport {
      catalog = catalog == null ? Optional.empty() : catalog;
      differences = differences == null ? List.of() : List.copyOf(differences);
      exchangesVolumes = exchangesVolumes == null ? List.of() : List.copyOf(exchangesVolumes);
      warnings = List.copyOf(warnings);
    }

    public NodeReport with(SeenCatalog seen) {
      return new NodeReport(
          member,
          host,
          dbPath,
          mongodVersion,
          running,
          freeBytes,
          dataBytes,
          unfinishedRestore,
          storageOptions,
          exchangesVolumes,
          warnings,
          differences,
          Optional.of(seen));
    }
  }

  /**
   * @param sourceSet the set in the backup whose data this member gets
   * @param snapshots empty when a person puts the files into the stage directory
   */
  record StageRequest(
      String restore,
      String backup,
      String member,
      String sourceSet,
      FileListRef files,
      List<SnapshotRef> snapshots) {
    public StageRequest {
      snapshots = List.copyOf(snapshots);
    }
  }

  record StageReport(String path, long files, long bytes) {}

  /** One restore on one member. */
  record MemberRequest(String restore, String member) {}

  /**
   * @param configuration the replica set configuration to write, as canonical extended JSON; empty
   *     to keep the one in the backup
   * @param configServer the config server's connection string to write into a shard's identity;
   *     empty to keep
   * @param shardName the shard id that the identity must have, or get by {@code shardIds}; empty to
   *     keep
   * @param shardHosts new hosts by (new) shard id for config.shards; only for a config server,
   *     empty to keep
   * @param shardIds new shard id by old one, where they change
   * @param newestTerm the recovered set's elections must come after this one, or applications that
   *     knew the set before take its primaries for outdated (server discovery and monitoring:
   *     electionId); 0 if unknown
   */
  record RecoverRequest(
      String restore,
      String member,
      ClusterTime checkpoint,
      ClusterTime point,
      ClusterTime lastEntry,
      long entries,
      String configuration,
      String configServer,
      String shardName,
      Map<String, String> shardHosts,
      Map<String, String> shardIds,
      long newestTerm) {
    public RecoverRequest {
      shardHosts = Map.copyOf(shardHosts);
      // Absent in requests that an older control worker wrote.
      shardIds = shardIds == null ? Map.of() : Map.copyOf(shardIds);
    }
  }

  /**
   * What was seen when the recovered member was examined, before anything else could write.
   *
   * @param replayed the oplog was already truncated at the point and replayed to it, so that the
   *     ordinary start finds nothing to truncate
   */
  record RecoverReport(
      String member,
      ClusterTime recoveryTimestamp,
      ClusterTime lastEntry,
      long entries,
      boolean replayed) {}

  /**
   * A restore that was neither released nor undone on this member.
   *
   * @param restore empty if there is none
   * @param touched the live data was moved, or begun to be moved
   * @param recovered the new data is in place, recovered and proven
   * @param running a mongod holds the data directory now
   */
  record UnfinishedRestore(
      String restore, String step, boolean touched, boolean recovered, boolean running) {}

  /** Says what this agent would work with. Changes nothing. */
  @ActivityMethod
  NodeReport inspect(String member);

  /**
   * The disks under the member's data path, and which machine of the cloud this is. Changes
   * nothing.
   *
   * @param type of the cloud
   *     <p>Errors: AGENT_REFUSED (no cloud's metadata service answers, or the disks are hidden).
   */
  @ActivityMethod
  HostDisks disks(String member, SnapshotType type);

  /**
   * Says what {@link #stage} will do with the snapshots, one line each, after looking whether it
   * can: mounts, the cloud's permissions, encryption. Changes nothing.
   *
   * <p>Errors: those of {@link #stage}, AGENT_REFUSED, PROVIDER_DENIED (naming what is missing),
   * VOLUME_UNSUITABLE.
   */
  @ActivityMethod
  List<String> plan(StageRequest request);

  /**
   * Puts the backup's data beside the live data, on the same file system, and checks it: every
   * listed file there and not shorter than listed, WiredTiger.backup there and not empty, journal
   * files consecutive. The live data is not touched. Heartbeats; resumes.
   *
   * <p>Errors: SNAPSHOT_UNREACHABLE, SNAPSHOT_INCOMPLETE, SNAPSHOT_DAMAGED, SNAPSHOT_FOREIGN,
   * DISK_FULL.
   */
  @ActivityMethod
  StageReport stage(StageRequest request);

  /** Makes the empty stage directory for a person to fill, and returns its path. */
  @ActivityMethod
  String prepareStage(StageRequest request);

  /** Removes the stage of a restore that will not be swapped in. Idempotent. */
  @ActivityMethod
  void dropStage(MemberRequest request);

  /**
   * Stops the member's mongod and waits until its process is gone and the lock file is free.
   *
   * <p>Errors: MONGOD_NOT_STOPPED.
   */
  @ActivityMethod
  void stop(MemberRequest request);

  /** Moves the live data aside and the stage into its place; resumable at every step. */
  @ActivityMethod
  void swap(MemberRequest request);

  /**
   * Recovers the swapped-in data to the point with one temporary standalone start on loopback, and
   * proves it: recovery timestamp, last entry and number of entries are the manifest's. A shard
   * whose cluster gets other shard ids needs two more, one that replays and one that writes the ids
   * into what was replayed.
   *
   * <p>Errors: POINT_NOT_PROVEN, MONGOD_NOT_STARTED, REMAP_UNSAFE.
   */
  @ActivityMethod
  RecoverReport recover(RecoverRequest request);

  /** Starts the member as its host always starts it. Returns once the process runs. */
  @ActivityMethod
  void start(MemberRequest request);

  /**
   * Reads the log of the last start: the truncation at the point must be there, a truncation at
   * another point must not.
   *
   * <p>Errors: POINT_NOT_PROVEN.
   */
  @ActivityMethod
  void proveStart(MemberRequest request, ClusterTime point);

  /** Says how far a restore had come that nobody finished. Changes nothing. */
  @ActivityMethod
  UnfinishedRestore unfinished(String member);

  /**
   * Puts the old data back, whatever step the restore had reached. The caller stops the member
   * before and starts it after. Idempotent.
   */
  @ActivityMethod
  void undo(MemberRequest request);

  /** Deletes the old data of a verified restore. Idempotent. */
  @ActivityMethod
  void release(MemberRequest request);
}
