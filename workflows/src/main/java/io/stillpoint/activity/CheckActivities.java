package io.stillpoint.activity;

import io.stillpoint.check.CheckItem;
import io.stillpoint.model.ClusterTopology;
import io.stillpoint.model.SeenCatalog;
import io.temporal.activity.ActivityInterface;
import io.temporal.activity.ActivityMethod;
import java.util.List;
import java.util.Optional;

/**
 * What a control worker can examine of a cluster by itself. Changes nothing, but that a catalog
 * gets its identity.
 */
@ActivityInterface(namePrefix = "Check")
public interface CheckActivities {

  /**
   * @param topology absent if it could not be read, which an item says
   * @param catalog absent if it cannot be written, which an item says
   */
  record Examination(
      List<CheckItem> items, Optional<ClusterTopology> topology, Optional<SeenCatalog> catalog) {
    public Examination {
      items = List.copyOf(items);
      // Older control workers do not say it.
      catalog = catalog == null ? Optional.empty() : catalog;
    }

    public Examination(List<CheckItem> items, Optional<ClusterTopology> topology) {
      this(items, topology, Optional.empty());
    }
  }

  /** Whether the worker can write its catalog, and what the cluster's servers say. */
  @ActivityMethod
  Examination examine(String cluster);

  /** Looks into the configuration only. Errors: CLUSTER_UNKNOWN. */
  @ActivityMethod
  void requireConfigured(String cluster);
}
