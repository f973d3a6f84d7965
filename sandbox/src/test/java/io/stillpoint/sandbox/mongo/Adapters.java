package io.stillpoint.sandbox.mongo;

import io.stillpoint.activity.CursorActivities.OpenRequest;
import io.stillpoint.catalog.DirectoryCatalog;
import io.stillpoint.model.ReplicaSetRole;
import io.stillpoint.mongo.BackupCursors;
import io.stillpoint.mongo.ClusterSettings;
import io.stillpoint.mongo.ConsistentPoint;
import io.stillpoint.mongo.CursorExtension;
import io.stillpoint.mongo.MongoConnections;
import io.stillpoint.mongo.ParallelCalls;
import io.stillpoint.sandbox.cluster.LocalServer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

/** What one worker has, for tests that need one or several. */
final class Adapters implements AutoCloseable {

  static final String CLUSTER = "shop";

  final MongoConnections connections;
  final ParallelCalls calls = new ParallelCalls();
  final DirectoryCatalog catalog;
  final BackupCursors cursors;
  final ConsistentPoint points;
  final CursorExtension extension;

  Adapters(String uri, List<String> routers, Path catalogRoot) {
    connections = new MongoConnections(List.of(new ClusterSettings(CLUSTER, uri, routers)));
    catalog = new DirectoryCatalog(catalogRoot, Clock.systemUTC());
    cursors = new BackupCursors(connections, catalog.fileLists(), Duration.ofSeconds(10));
    points = new ConsistentPoint(connections, calls);
    extension = new CursorExtension(connections, catalog.fileLists(), Duration.ofSeconds(30));
  }

  static OpenRequest request(
      String operation, LocalServer member, String shardId, ReplicaSetRole role) {
    return new OpenRequest(CLUSTER, operation, 1, member.set(), shardId, role, member.address());
  }

  @Override
  public void close() {
    connections.close();
    calls.close();
  }
}
