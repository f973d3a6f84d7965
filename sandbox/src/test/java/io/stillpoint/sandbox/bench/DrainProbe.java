package io.stillpoint.sandbox.bench;

import io.stillpoint.activity.CursorActivities.OpenRequest;
import io.stillpoint.catalog.DirectoryCatalog;
import io.stillpoint.model.BackupCursor;
import io.stillpoint.model.ReplicaSetRole;
import io.stillpoint.mongo.BackupCursors;
import io.stillpoint.mongo.ClusterSettings;
import io.stillpoint.mongo.MongoConnections;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;

/** Opens one cursor, drains and stores its list, and prints what that took. */
final class DrainProbe {

  /**
   * @param peakResidentMib of the whole process, the JVM included
   */
  record Result(double seconds, double peakResidentMib, long files) {
    static Result parse(String line) {
      String[] parts = line.split(" ");
      return new Result(
          Double.parseDouble(parts[0]), Double.parseDouble(parts[1]), Long.parseLong(parts[2]));
    }
  }

  private DrainProbe() {}

  public static void main(String[] args) throws IOException {
    String member = args[0];
    DirectoryCatalog catalog = new DirectoryCatalog(Path.of(args[1]), Clock.systemUTC());
    ClusterSettings settings =
        new ClusterSettings("bench", "mongodb://" + member + "/?directConnection=true", List.of());
    try (MongoConnections connections = new MongoConnections(List.of(settings))) {
      BackupCursors cursors = new BackupCursors(connections, catalog.fileLists());
      OpenRequest request =
          new OpenRequest("bench", "backup", 1, "rs0", "rs0", ReplicaSetRole.REPLICA_SET, member);
      Stopwatch watch = new Stopwatch();
      BackupCursor cursor = cursors.open(request, 1);
      System.out.println(
          "%s %s %s"
              .formatted(
                  watch.seconds(),
                  ProcessCost.peakResidentMib(ProcessHandle.current().pid()),
                  cursor.files().files()));
    }
  }
}
