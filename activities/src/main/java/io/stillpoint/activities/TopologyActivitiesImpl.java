package io.stillpoint.activities;

import io.stillpoint.activity.TopologyActivities;
import io.stillpoint.model.ClusterTopology;
import io.stillpoint.mongo.QuietWatch;
import io.stillpoint.mongo.TopologyReader;
import io.temporal.activity.Activity;

/** Reads clusters over direct connections. */
public final class TopologyActivitiesImpl implements TopologyActivities {

  private final TopologyReader reader;
  private final QuietWatch quiet;

  public TopologyActivitiesImpl(TopologyReader reader, QuietWatch quiet) {
    this.reader = reader;
    this.quiet = quiet;
  }

  @Override
  public ClusterTopology read(String cluster) {
    return BackgroundHeartbeat.during(() -> reader.read(cluster));
  }

  @Override
  public void awaitQuiet(String cluster) {
    try (BackgroundHeartbeat beat =
        new BackgroundHeartbeat(Activity.getExecutionContext(), "looking for what is in flight")) {
      quiet.await(cluster, inFlight -> beat.report(String.join("; ", inFlight)));
    }
  }
}
