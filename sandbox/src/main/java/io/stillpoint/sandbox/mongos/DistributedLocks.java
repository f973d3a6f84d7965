package io.stillpoint.sandbox.mongos;

import static io.stillpoint.sandbox.mongos.Bson.doc;

import io.stillpoint.sandbox.wire.CommandException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.bson.BsonDateTime;
import org.bson.BsonObjectId;
import org.bson.types.ObjectId;

/**
 * The locks in {@code config.locks} by which DDL and migrations in progress can be seen: state 2
 * while held, 0 afterwards.
 */
final class DistributedLocks {
  private static final int HELD = 2;
  private static final int FREE = 0;

  private final Catalog catalog;
  private final String process;
  private final Map<String, String> held = new ConcurrentHashMap<>();

  /**
   * @param process this router's {@code host:port}
   */
  DistributedLocks(Catalog catalog, String process) {
    this.catalog = catalog;
    this.process = process;
  }

  /**
   * Does something while holding a lock.
   *
   * @throws CommandException 46 if this router holds it already
   */
  void holding(String id, String why, Runnable action) {
    String holder = held.putIfAbsent(id, why);
    if (holder != null) {
      throw new CommandException(
          46, "LockBusy", "could not acquire lock on %s, held for: %s".formatted(id, holder));
    }
    try {
      write(id, why);
      action.run();
    } finally {
      try {
        catalog.upsert("locks", doc("_id", id), doc("$set", doc("state", FREE)));
      } finally {
        held.remove(id);
      }
    }
  }

  private void write(String id, String why) {
    catalog.upsert(
        "locks",
        doc("_id", id),
        doc(
            "$set",
            doc(
                "state",
                HELD,
                "process",
                process,
                "ts",
                new BsonObjectId(new ObjectId()),
                "when",
                new BsonDateTime(System.currentTimeMillis()),
                "who",
                process + ":" + Thread.currentThread().getName(),
                "why",
                why)));
  }
}
