package io.stillpoint.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** How the copy is made, and by whom. */
public enum SnapshotType {
  /** The member's node agent copies the listed files into its snapshot directory. */
  DIRECTORY(true, true),
  /** A person or an external tool copies and says so by a signal. */
  MANUAL(false, false),
  /** Amazon EBS snapshots, cut through the EC2 API by a control worker. */
  EBS(false, true),
  /** Google Compute Engine disk snapshots, cut by a control worker. */
  GCE(false, true),
  /** A program that the node agent's own configuration names. */
  COMMAND(true, true);

  private final boolean cutByAgent;
  private final boolean automatic;

  SnapshotType(boolean cutByAgent, boolean automatic) {
    this.cutByAgent = cutByAgent;
    this.automatic = automatic;
  }

  /** The snapshot activities run on the member's node agent, not on a control worker. */
  public boolean cutByAgent() {
    return cutByAgent;
  }

  /** Stillpoint makes the copy itself. */
  public boolean automatic() {
    return automatic;
  }

  /** A cloud keeps the snapshots, and with them what is written on them. */
  public boolean inCloud() {
    return this == EBS || this == GCE;
  }

  @JsonCreator
  public static SnapshotType parse(String text) {
    for (SnapshotType type : values()) {
      if (type.word().equals(text.toLowerCase(Locale.ROOT))) {
        return type;
      }
    }
    throw new IllegalArgumentException(
        "type '%s' is none of directory, manual, ebs, gce, command".formatted(text));
  }

  /** The word that users type. */
  @JsonValue
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
