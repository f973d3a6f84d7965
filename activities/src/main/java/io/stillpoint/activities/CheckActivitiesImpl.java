package io.stillpoint.activities;

import io.stillpoint.activity.CheckActivities;
import io.stillpoint.catalog.BackupCatalog;
import io.stillpoint.check.CheckItem;
import io.stillpoint.error.StillpointException;
import io.stillpoint.mongo.ClusterCheck;
import java.util.ArrayList;
import java.util.List;

/** Examines the catalog and the cluster's servers. */
public final class CheckActivitiesImpl implements CheckActivities {

  private final ClusterCheck check;
  private final BackupCatalog catalog;

  public CheckActivitiesImpl(ClusterCheck check, BackupCatalog catalog) {
    this.check = check;
    this.catalog = catalog;
  }

  @Override
  public Examination examine(String cluster) {
    return BackgroundHeartbeat.during(
        () -> {
          Examination seen = check.examine(cluster);
          List<CheckItem> items = new ArrayList<>(seen.items());
          items.add(catalog());
          return new Examination(items, seen.topology());
        });
  }

  private CheckItem catalog() {
    try {
      return CheckItem.ok("catalog", "catalog", catalog.requireWritable());
    } catch (StillpointException e) {
      return CheckItem.notOk("catalog", "catalog", e);
    }
  }
}
