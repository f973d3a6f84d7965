package io.stillpoint.sandbox.mongod;

import io.stillpoint.sandbox.mongod.catalog.Collection;
import io.stillpoint.sandbox.mongod.command.DataWriter;
import io.stillpoint.sandbox.mongod.query.Documents;
import io.stillpoint.sandbox.mongod.repl.Oplog;
import org.bson.BsonDocument;
import org.bson.BsonString;

/** What a node does when it has become primary. */
final class StepUp implements Runnable {
  private static final int REMEMBERED_ENTRIES = 20_000;
  private static final BsonString FCV = new BsonString("featureCompatibilityVersion");

  private final Mongod mongod;

  StepUp(Mongod mongod) {
    this.mongod = mongod;
  }

  @Override
  public void run() {
    mongod.store().write(this::takeOver);
    mongod.coordinator().resume();
  }

  private void takeOver() {
    mongod.transactions().abortRunning(0);
    mongod.store().catalog().get(Oplog.NS).rows().descendingMap().values().stream()
        .limit(REMEMBERED_ENTRIES)
        .map(Documents::view)
        .filter(entry -> entry.containsKey("lsid"))
        .sorted(java.util.Comparator.comparing(entry -> entry.getTimestamp("ts")))
        .forEach(mongod.retryableWrites()::learn);
    if (!mongod.replication().orElseThrow().set().writable()) {
      return;
    }
    Collection versions = mongod.writer().collection("admin.system.version");
    if (versions.recordOf(FCV) == null) {
      BsonDocument document =
          new BsonDocument("_id", FCV).append("version", new BsonString(mongod.version().series()));
      mongod.writer().insert(versions, document, DataWriter.Origin.NONE);
    }
  }
}
