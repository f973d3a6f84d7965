package io.stillpoint.activity;

import io.stillpoint.check.CheckItem;
import io.stillpoint.model.ClusterTopology;
import io.temporal.activity.ActivityInterface;
import io.temporal.activity.ActivityMethod;
import java.util.List;
import java.util.Optional;

/** What a control worker can examine of a cluster by itself. Changes nothing. */
@ActivityInterface(namePrefix = "Check")
public interface CheckActivities {

  /**
   * @param topology absent if it could not be read, which an item says
   */
  record Examination(List<CheckItem> items, Optional<ClusterTopology> topology) {
    public Examination {
      items = List.copyOf(items);
    }
  }

  /** Whether the worker can write its catalog, and what the cluster's servers say. */
  @ActivityMethod
  Examination examine(String cluster);
}
