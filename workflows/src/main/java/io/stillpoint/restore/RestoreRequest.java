package io.stillpoint.restore;

import com.fasterxml.jackson.annotation.JsonAnySetter;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * What a person types: {@code {"backup":"shop-20261122T101500Z","confirm":"shop"}}.
 *
 * @param backup name of the backup
 * @param cluster the cluster whose data will be replaced; default the one that was backed up
 * @param restore name of this restore; default {@code <backup>-restore-<UTC time>}
 * @param confirm the target cluster's name, typed; without it the restore shows its plan and waits
 *     for the update {@code confirm}
 * @param dryRun plan only
 * @param manualCopy a person puts the files into the stage directories and says so; default for
 *     backups of type manual
 * @param keepOld how long the replaced data is kept after success; default none
 * @param map target set or shard id by source set or shard id, where they differ
 * @param unknown fields that were typed but do not exist; the workflow refuses them by name
 */
public record RestoreRequest(
    String backup,
    Optional<String> cluster,
    Optional<String> restore,
    Optional<String> confirm,
    boolean dryRun,
    Optional<Boolean> manualCopy,
    Optional<Duration> keepOld,
    Map<String, String> map,
    @JsonAnySetter Map<String, Object> unknown) {

  public RestoreRequest {
    cluster = cluster == null ? Optional.empty() : cluster;
    restore = restore == null ? Optional.empty() : restore;
    confirm = confirm == null ? Optional.empty() : confirm;
    manualCopy = manualCopy == null ? Optional.empty() : manualCopy;
    keepOld = keepOld == null ? Optional.empty() : keepOld;
    map = map == null ? Map.of() : Map.copyOf(map);
    unknown = unknown == null ? Map.of() : unknown;
  }

  public RestoreRequest(
      String backup,
      Optional<String> cluster,
      Optional<String> restore,
      Optional<String> confirm,
      boolean dryRun,
      Optional<Boolean> manualCopy,
      Optional<Duration> keepOld,
      Map<String, String> map) {
    this(backup, cluster, restore, confirm, dryRun, manualCopy, keepOld, map, Map.of());
  }

  public static RestoreRequest of(String backup, String restore, Optional<String> confirm) {
    return new RestoreRequest(
        backup,
        Optional.empty(),
        Optional.of(restore),
        confirm,
        false,
        Optional.empty(),
        Optional.empty(),
        Map.of());
  }
}
