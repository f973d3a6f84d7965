package io.stillpoint.activities;

import io.stillpoint.catalog.BackupCatalog;
import io.stillpoint.catalog.FileLists;
import io.stillpoint.mongo.BackupCursors;
import io.stillpoint.mongo.Balancer;
import io.stillpoint.mongo.ClusterCheck;
import io.stillpoint.mongo.ConsistentPoint;
import io.stillpoint.mongo.CursorExtension;
import io.stillpoint.mongo.MongoConnections;
import io.stillpoint.mongo.ParallelCalls;
import io.stillpoint.mongo.QuietWatch;
import io.stillpoint.mongo.RestoredEnd;
import io.stillpoint.mongo.SetConfiguration;
import io.stillpoint.mongo.SetDescriber;
import io.stillpoint.mongo.Settling;
import io.stillpoint.mongo.ShardRegistry;
import io.stillpoint.mongo.StepUp;
import io.stillpoint.mongo.TopologyReader;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

/** All activities that talk to MongoDB, put together. Close it after the worker has stopped. */
public final class MongoActivities implements AutoCloseable {

  private final ParallelCalls calls = new ParallelCalls();
  private final List<Object> implementations;

  /**
   * @param holder this worker's identity
   * @param keepAlive how often open cursors are continued
   */
  public MongoActivities(
      MongoConnections connections,
      BackupCatalog catalog,
      FileLists lists,
      OperationLink link,
      String holder,
      Duration keepAlive,
      Clock clock) {
    Balancer balancer = new Balancer(connections);
    TopologyReader topologies = new TopologyReader(connections, calls);
    BackupCursors cursors = new BackupCursors(connections, lists);
    implementations =
        List.of(
            new TopologyActivitiesImpl(topologies, new QuietWatch(connections, calls)),
            new BalancerActivitiesImpl(balancer, catalog, clock),
            new RecoveryActivitiesImpl(catalog, link, topologies, cursors, balancer, clock),
            new CursorActivitiesImpl(
                calls,
                cursors,
                new ConsistentPoint(connections, calls),
                new CursorExtension(connections, lists),
                new SetDescriber(connections, catalog),
                new CopyProofs(catalog),
                link,
                holder,
                keepAlive),
            new ClusterActivitiesImpl(
                new SetConfiguration(connections),
                new StepUp(connections),
                new Settling(connections, calls),
                new RestoredEnd(connections),
                balancer,
                new ShardRegistry(connections)),
            new CheckActivitiesImpl(
                new ClusterCheck(connections, calls, balancer, clock), catalog));
  }

  /** What a control worker registers. */
  public List<Object> implementations() {
    return implementations;
  }

  @Override
  public void close() {
    calls.close();
  }
}
