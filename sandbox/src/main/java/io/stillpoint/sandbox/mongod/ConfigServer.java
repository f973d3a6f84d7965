package io.stillpoint.sandbox.mongod;

import io.stillpoint.sandbox.wire.CommandException;
import io.stillpoint.sandbox.wire.WireClient;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;
import org.bson.BsonValue;

/** The config server as a shard sees it: by the addresses in its own identity. */
public final class ConfigServer {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final Mongod mongod;

  ConfigServer(Mongod mongod) {
    this.mongod = mongod;
  }

  /** The documents that match; empty when this is no shard or when nobody answers. */
  public Optional<List<BsonDocument>> find(String collection, BsonDocument filter) {
    BsonDocument identity = mongod.store().read(() -> ShardIdentity.read(mongod.store()));
    if (identity == null || mongod.replication().isEmpty()) {
      return Optional.empty();
    }
    String hosts = identity.getString("configsvrConnectionString").getValue();
    BsonDocument find =
        new BsonDocument("find", new BsonString(collection))
            .append("filter", filter)
            .append("batchSize", new BsonInt32(100_000))
            .append("singleBatch", BsonBoolean.TRUE)
            .append("$readPreference", BsonDocument.parse("{mode: 'primaryPreferred'}"));
    for (String host : hosts.substring(hosts.indexOf('/') + 1).split(",")) {
      try (WireClient client = mongod.replication().orElseThrow().peers().connect(host, TIMEOUT)) {
        return Optional.of(
            client
                .run("config", find, TIMEOUT)
                .getDocument("cursor")
                .getArray("firstBatch")
                .stream()
                .map(BsonValue::asDocument)
                .toList());
      } catch (IOException | CommandException e) {
        // Ask the next; if none answers the caller is told.
        continue;
      }
    }
    return Optional.empty();
  }
}
