package io.stillpoint.backup;

import com.fasterxml.jackson.annotation.JsonAnySetter;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.retention.RetentionPolicy;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * What a person types: {@code {"cluster":"shop"}} is enough.
 *
 * @param cluster name in the worker's configuration
 * @param backup name of the backup; default {@code <cluster>-<UTC time>}
 * @param type default directory
 * @param dryRun plan only
 * @param attempts how often new cursors are opened after one was lost; default 3
 * @param copyDeadline how long a copy may take; default 24 hours
 * @param members member to back up, by set, overriding the choice
 * @param tags the user's own, put on snapshots and into the manifest
 * @param retention applied once the backup is complete; default: that of the workers' configuration
 * @param unknown fields that were typed but do not exist; the workflow refuses them by name
 */
public record BackupRequest(
    String cluster,
    Optional<String> backup,
    Optional<SnapshotType> type,
    boolean dryRun,
    Optional<Integer> attempts,
    Optional<Duration> copyDeadline,
    Map<String, String> members,
    Map<String, String> tags,
    Optional<RetentionPolicy> retention,
    @JsonAnySetter Map<String, Object> unknown) {

  public BackupRequest {
    backup = backup == null ? Optional.empty() : backup;
    type = type == null ? Optional.empty() : type;
    attempts = attempts == null ? Optional.empty() : attempts;
    copyDeadline = copyDeadline == null ? Optional.empty() : copyDeadline;
    members = members == null ? Map.of() : Map.copyOf(members);
    tags = tags == null ? Map.of() : Map.copyOf(tags);
    retention = retention == null ? Optional.empty() : retention;
    unknown = unknown == null ? Map.of() : unknown;
  }

  public BackupRequest(
      String cluster,
      Optional<String> backup,
      Optional<SnapshotType> type,
      boolean dryRun,
      Optional<Integer> attempts,
      Optional<Duration> copyDeadline,
      Map<String, String> members,
      Map<String, String> tags) {
    this(
        cluster,
        backup,
        type,
        dryRun,
        attempts,
        copyDeadline,
        members,
        tags,
        Optional.empty(),
        Map.of());
  }

  /** The same request under the given name. */
  public BackupRequest named(String name) {
    return new BackupRequest(
        cluster,
        Optional.of(name),
        type,
        dryRun,
        attempts,
        copyDeadline,
        members,
        tags,
        retention,
        unknown);
  }

  public static BackupRequest of(String cluster, String backup, SnapshotType type) {
    return new BackupRequest(
        cluster,
        Optional.of(backup),
        Optional.of(type),
        false,
        Optional.empty(),
        Optional.empty(),
        Map.of(),
        Map.of());
  }
}
