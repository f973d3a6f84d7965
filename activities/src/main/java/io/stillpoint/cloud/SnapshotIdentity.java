package io.stillpoint.cloud;

import io.stillpoint.activity.SnapshotActivities.CutRequest;
import io.stillpoint.model.ClusterTime;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What is written on a snapshot, so that it explains itself without a catalog. The cursor is part
 * of it: a snapshot cut under a cursor that was lost holds another checkpoint than its siblings and
 * must never be taken for one of them.
 */
public record SnapshotIdentity(
    String cluster,
    String backup,
    int attempt,
    String set,
    String member,
    String role,
    String volume,
    String cursorBackupId,
    ClusterTime point) {

  /** Role of a volume that was cut along with the member's although it is not one of them. */
  public static final String UNPLANNED = "unplanned";

  public static SnapshotIdentity of(CutRequest request, VolumePlacement placement) {
    return new SnapshotIdentity(
        request.cluster(),
        request.backup(),
        request.attempt(),
        request.cursor().set(),
        request.cursor().member(),
        placement.role(),
        placement.volume(),
        request.cursor().cursorBackupId(),
        request.point());
  }

  /** The identity as plain words, for tags, labels and descriptions. */
  public Map<String, String> facts() {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("cluster", cluster);
    facts.put("backup", backup);
    facts.put("attempt", String.valueOf(attempt));
    facts.put("set", set);
    facts.put("member", member);
    facts.put("role", role);
    facts.put("volume", volume);
    facts.put("cursor", cursorBackupId);
    facts.put("point", point.toString());
    return facts;
  }

  /** Reads what {@link #facts} wrote; empty if anything is missing: then it is not ours. */
  public static Optional<SnapshotIdentity> of(Map<String, String> facts) {
    try {
      return Optional.of(
          new SnapshotIdentity(
              required(facts, "cluster"),
              required(facts, "backup"),
              Integer.parseInt(required(facts, "attempt")),
              required(facts, "set"),
              required(facts, "member"),
              required(facts, "role"),
              required(facts, "volume"),
              required(facts, "cursor"),
              ClusterTime.parse(required(facts, "point"))));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** A hexadecimal digest of the whole identity, for names that must fit into few characters. */
  public String digest() {
    return Digests.sha256(facts().toString());
  }

  private static String required(Map<String, String> facts, String name) {
    String value = facts.get(name);
    if (value == null) {
      throw new IllegalArgumentException(name + " is missing");
    }
    return value;
  }
}
