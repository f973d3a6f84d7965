package io.stillpoint.sandbox.mongod;

import io.stillpoint.sandbox.auth.Peers;
import io.stillpoint.sandbox.mongod.catalog.Collection;
import io.stillpoint.sandbox.mongod.query.Documents;
import io.stillpoint.sandbox.wire.CommandException;
import io.stillpoint.sandbox.wire.WireClient;
import java.io.IOException;
import java.time.Duration;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;

/** Which shard of which cluster this is: {@code admin.system.version {_id: "shardIdentity"}}. */
public final class ShardIdentity {
  public static final BsonString ID = new BsonString("shardIdentity");
  private static final Duration TIMEOUT = Duration.ofSeconds(2);
  private static final long RETRY_MILLIS = 2000;

  private ShardIdentity() {}

  /** The document, or null; under the store's lock. */
  public static BsonDocument read(Store store) {
    Collection versions = store.catalog().get("admin.system.version");
    Long record = versions == null ? null : versions.recordOf(ID);
    return record == null ? null : Documents.decode(Documents.encode(versions.document(record)));
  }

  /** Waits, not listening, until a config server answers; a shard cannot start without one. */
  static void awaitConfigServer(Mongod mongod) throws IOException {
    BsonDocument identity = mongod.store().read(() -> read(mongod.store()));
    if (identity == null) {
      return;
    }
    String seedList = identity.getString("configsvrConnectionString").getValue();
    while (!mongod.isEnding() && !answers(mongod.replication().orElseThrow().peers(), seedList)) {
      mongod
          .log()
          .warning(
              "SHARDING",
              23834,
              "Error initializing sharding state, sleeping for 2 seconds and retrying",
              "error",
              new BsonDocument("code", new BsonInt32(133))
                  .append("codeName", new BsonString("FailedToSatisfyReadPreference"))
                  .append(
                      "errmsg", new BsonString("could not reach a config server of " + seedList)));
      try {
        Thread.sleep(RETRY_MILLIS);
      } catch (InterruptedException e) {
        throw new IOException("interrupted while waiting for " + seedList, e);
      }
    }
  }

  private static boolean answers(Peers peers, String seedList) {
    for (String host : seedList.substring(seedList.indexOf('/') + 1).split(",")) {
      try (WireClient client = peers.connect(host, TIMEOUT)) {
        BsonDocument hello =
            client.run("admin", new BsonDocument("isMaster", new BsonInt32(1)), TIMEOUT);
        boolean usable =
            hello.getBoolean("ismaster").getValue()
                || hello.getBoolean("secondary", org.bson.BsonBoolean.FALSE).getValue();
        if (hello.containsKey("configsvr") && usable) {
          return true;
        }
      } catch (IOException | CommandException e) {
        // The next host may answer; if none does the caller logs it and tries again.
        continue;
      }
    }
    return false;
  }
}
