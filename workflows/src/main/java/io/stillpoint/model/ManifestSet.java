package io.stillpoint.model;

import java.util.List;

/**
 * What the manifest records of one replica set: enough to restore it and to prove the restored
 * point.
 *
 * @param hosts addresses of all members that the configuration names
 * @param configuration the replica set's configuration as canonical extended JSON, whole
 * @param storageOptions storage options of the server that was copied, as JSON
 * @param lastEntry the newest oplog entry that is not after the consistent point
 * @param entries number of oplog entries in (checkpoint, consistent point]; a hole in the journal
 *     shows as a smaller number after a restore
 * @param registryWritten config.shards or the shard identity was written in (checkpoint, consistent
 *     point]: replay would overwrite the edits of a restore onto other hosts
 */
public record ManifestSet(
    String set,
    String shardId,
    ReplicaSetRole role,
    String member,
    String serverVersion,
    String featureCompatibilityVersion,
    String dbPath,
    List<String> hosts,
    String configuration,
    String storageOptions,
    String cursorBackupId,
    ClusterTime checkpoint,
    ClusterTime oplogStart,
    ClusterTime oplogEnd,
    ClusterTime lastEntry,
    long entries,
    boolean registryWritten,
    FileListRef files,
    List<SnapshotRef> snapshots,
    List<String> warnings) {

  public ManifestSet {
    hosts = List.copyOf(hosts);
    snapshots = List.copyOf(snapshots);
    warnings = List.copyOf(warnings);
  }

  public ManifestSet withSnapshots(List<SnapshotRef> taken) {
    return with(configuration, storageOptions, files, taken);
  }

  /** The same set, whose file list is lost. */
  public ManifestSet withoutFileList() {
    return with(configuration, storageOptions, files.withoutList(), snapshots);
  }

  /** Without the two long documents, which stay in the catalog and out of workflow history. */
  public ManifestSet slim() {
    return with("", "", files, snapshots);
  }

  private ManifestSet with(
      String newConfiguration,
      String newStorageOptions,
      FileListRef newFiles,
      List<SnapshotRef> newSnapshots) {
    return new ManifestSet(
        set,
        shardId,
        role,
        member,
        serverVersion,
        featureCompatibilityVersion,
        dbPath,
        hosts,
        newConfiguration,
        newStorageOptions,
        cursorBackupId,
        checkpoint,
        oplogStart,
        oplogEnd,
        lastEntry,
        entries,
        registryWritten,
        newFiles,
        newSnapshots,
        warnings);
  }
}
