package io.stillpoint.sandbox.mongod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mongodb.MongoCommandException;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import io.stillpoint.activity.ClusterActivities.StepUpRequest;
import io.stillpoint.mongo.ClusterSettings;
import io.stillpoint.mongo.MongoConnections;
import io.stillpoint.mongo.ShardRegistry;
import io.stillpoint.mongo.StandaloneEditor;
import io.stillpoint.sandbox.cluster.ClusterSpec;
import io.stillpoint.sandbox.cluster.LocalCluster;
import io.stillpoint.sandbox.cluster.LocalServer;
import io.stillpoint.sandbox.cluster.ServerPrograms;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.bson.Document;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a change of shard ids does to a cluster, step by step, each by the product's own code. Its
 * counterpart for transactions under way is in {@link TwoPhaseCommitTest}.
 */
class OtherShardIdsTest {
  private static final int COUNT = 40;
  private static final Map<String, String> IDS = Map.of("shard0", "other0");

  @TempDir private Path directory;

  @Test
  void shouldAnswerNothingFromChunksThatAreCachedUnderTheOldId() {
    ServerPrograms programs = ServerPrograms.fromSystemProperties();
    try (LocalCluster cluster = LocalCluster.start(ClusterSpec.sharded(directory, programs, 1, 1));
        MongoClient client = MongoClients.create(cluster.uri())) {
      MongoCollection<Document> orders = client.getDatabase("shop").getCollection("orders");
      orders.insertMany(IntStream.range(0, COUNT).mapToObj(i -> new Document("_id", i)).toList());
      LocalServer shard = cluster.dataSets().get(0).members().get(0);
      LocalServer config = cluster.configServer().members().get(0);
      cluster.stopAll();

      standalone(
          shard,
          programs,
          s ->
              update(
                  s, "admin", "system.version", "{_id:'shardIdentity'}", "{shardName:'other0'}"));
      standalone(
          config,
          programs,
          s -> {
            BsonDocument entry = find(s, "config", "shards");
            entry.put("_id", new BsonString("other0"));
            s.run("config", BsonDocument.parse("{delete:'shards',deletes:[{q:{},limit:0}]}"));
            s.run(
                "config",
                new BsonDocument("insert", new BsonString("shards"))
                    .append("documents", new BsonArray(List.of(entry))));
          });
      config.start();
      cluster.configServer().awaitPrimary();
      try (MongoConnections connections =
          new MongoConnections(
              List.of(new ClusterSettings("shop", cluster.configServer().uri(), List.of())))) {
        StepUpRequest set =
            new StepUpRequest("shop", "cfg", List.of(config.address()), config.address());
        new ShardRegistry(connections).rename(set, IDS);
        new ShardRegistry(connections).rename(set, IDS);
      }
      cluster.startAll();

      assertThatThrownBy(() -> orders.find().into(new ArrayList<>()))
          .isInstanceOfSatisfying(
              MongoCommandException.class, e -> assertThat(e.getErrorCode()).isEqualTo(13388));

      cluster.stopAll();
      standalone(
          shard,
          programs,
          s -> {
            try (StandaloneEditor editor = new StandaloneEditor(s.address())) {
              editor.shardDocuments().rename(IDS);
              editor.shardDocuments().rename(IDS);
            }
          });
      cluster.startAll();
      assertThat(orders.find().into(new ArrayList<>())).hasSize(COUNT);
    }
  }

  private void standalone(LocalServer member, ServerPrograms programs, Consumer<LocalServer> edit) {
    LocalServer alone =
        LocalServer.mongod(
            "alone",
            member.dbPath(),
            directory.resolve(member.name() + "-alone.log"),
            programs,
            List.of("--setParameter", "disableLogicalSessionCacheRefresh=true"));
    alone.start();
    try {
      edit.accept(alone);
    } finally {
      alone.stop();
    }
    Awaitility.await().until(() -> alone.running().isEmpty());
  }

  private static void update(
      LocalServer server, String database, String collection, String filter, String fields) {
    server.run(
        database,
        BsonDocument.parse(
            "{update:'%s',updates:[{q:%s,u:{$set:%s}}]}".formatted(collection, filter, fields)));
  }

  private static BsonDocument find(LocalServer server, String database, String collection) {
    return server
        .run(database, BsonDocument.parse("{find:'%s'}".formatted(collection)))
        .getDocument("cursor")
        .getArray("firstBatch")
        .get(0)
        .asDocument();
  }
}
