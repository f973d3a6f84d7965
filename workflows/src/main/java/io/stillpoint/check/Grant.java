package io.stillpoint.check;

import java.util.List;

/**
 * Actions that the database user of a cluster may take on one resource.
 *
 * @param database empty, with an empty collection, for the cluster itself
 * @param collection empty for every ordinary collection of the database
 * @param purpose what they are needed for
 */
public record Grant(String database, String collection, List<String> actions, String purpose) {

  public Grant {
    actions = List.copyOf(actions);
  }

  /** Whether this is about the cluster and not about data. */
  public boolean onCluster() {
    return database.isEmpty() && collection.isEmpty();
  }

  /** For people: {@code the cluster}, or the namespace. */
  public String resource() {
    if (onCluster()) {
      return "the cluster";
    }
    return collection.isEmpty() ? "database " + database : database + "." + collection;
  }
}
