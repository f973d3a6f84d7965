package io.stillpoint.activities;

import io.stillpoint.activity.CheckActivities;
import io.stillpoint.catalog.BackupCatalog;
import io.stillpoint.check.CheckItem;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.SeenCatalog;
import io.stillpoint.mongo.ClusterCheck;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

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
          Optional<SeenCatalog> own = catalog(items);
          return new Examination(items, seen.topology(), own);
        });
  }

  @Override
  public void requireConfigured(String cluster) {
    check.requireConfigured(cluster);
  }

  private Optional<SeenCatalog> catalog(List<CheckItem> items) {
    try {
      SeenCatalog seen = catalog.requireWritable();
      items.add(CheckItem.ok("catalog", "catalog", seen.place() + " can be written"));
      return Optional.of(seen);
    } catch (StillpointException e) {
      items.add(CheckItem.notOk("catalog", "catalog", e));
      return Optional.empty();
    }
  }
}
