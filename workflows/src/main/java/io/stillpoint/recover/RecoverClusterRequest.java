package io.stillpoint.recover;

import com.fasterxml.jackson.annotation.JsonAnySetter;
import java.util.Map;

/**
 * What a person types: {@code {"cluster":"shop"}} is enough.
 *
 * @param dryRun find only
 * @param releaseOld delete the data that verified restores replaced and kept
 * @param deleteStrays delete snapshots that no manifest of the catalog knows
 * @param unknown fields that were typed but do not exist; refused by name
 */
public record RecoverClusterRequest(
    String cluster,
    boolean dryRun,
    boolean releaseOld,
    boolean deleteStrays,
    @JsonAnySetter Map<String, Object> unknown) {

  public RecoverClusterRequest {
    unknown = unknown == null ? Map.of() : unknown;
  }

  public static RecoverClusterRequest of(String cluster) {
    return new RecoverClusterRequest(cluster, false, false, false, Map.of());
  }
}
