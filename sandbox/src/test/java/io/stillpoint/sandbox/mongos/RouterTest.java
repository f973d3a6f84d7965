package io.stillpoint.sandbox.mongos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mongodb.MongoBulkWriteException;
import com.mongodb.MongoCommandException;
import com.mongodb.client.ClientSession;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Aggregates;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.InsertManyOptions;
import com.mongodb.client.model.Projections;
import com.mongodb.client.model.Sorts;
import com.mongodb.client.model.Updates;
import io.stillpoint.sandbox.cluster.ClusterSpec;
import io.stillpoint.sandbox.cluster.LocalCluster;
import io.stillpoint.sandbox.cluster.LocalReplicaSet;
import io.stillpoint.sandbox.cluster.LocalServer;
import io.stillpoint.sandbox.cluster.ServerPrograms;
import io.stillpoint.sandbox.wire.CommandException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.bson.BsonDocument;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RouterTest {
  private static final int COUNT = 300;

  @TempDir static Path directory;

  private static LocalCluster cluster;
  private static MongoClient client;
  private MongoCollection<Document> orders;

  @BeforeAll
  static void start() {
    cluster =
        LocalCluster.start(
            ClusterSpec.sharded(directory, ServerPrograms.fromSystemProperties(), 2, 1));
    client = MongoClients.create(cluster.uri());
  }

  @AfterAll
  static void stop() {
    client.close();
    cluster.close();
  }

  @BeforeEach
  void fill() {
    orders = client.getDatabase("shop").getCollection("orders");
    orders.deleteMany(new Document());
    orders.insertMany(
        IntStream.range(0, COUNT)
            .mapToObj(i -> new Document("_id", i).append("n", i % 10))
            .toList());
  }

  private static List<Integer> ids(Iterable<Document> documents) {
    List<Integer> ids = new ArrayList<>();
    documents.forEach(each -> ids.add(each.getInteger("_id")));
    return ids;
  }

  private static int onShard(int shard) {
    LocalReplicaSet set = cluster.dataSets().get(shard);
    return set.awaitPrimary()
        .run("shop", BsonDocument.parse("{find: 'orders', batchSize: 10000}"))
        .getDocument("cursor")
        .getArray("firstBatch")
        .size();
  }

  @Test
  void shouldSpreadDocumentsOverTheShards() {
    assertThat(onShard(0)).isPositive();
    assertThat(onShard(1)).isPositive();
    assertThat(ids(orders.find().batchSize(7)))
        .containsExactlyInAnyOrderElementsOf(IntStream.range(0, COUNT).boxed().toList());
  }

  @Test
  void shouldKnowNoLocalDatabase() {
    LocalServer mongos = cluster.mongos().orElseThrow();
    assertThatThrownBy(() -> mongos.run("local", BsonDocument.parse("{find: 'oplog.rs'}")))
        .isInstanceOfSatisfying(
            CommandException.class,
            e -> {
              assertThat(e.code()).isEqualTo(20);
              assertThat(e).hasMessageContaining("Can't use 'local' database through mongos");
            });
  }

  @Test
  void shouldMergeSortedResults() {
    assertThat(ids(orders.find().sort(Sorts.descending("_id")).skip(5).limit(10).batchSize(3)))
        .containsExactlyElementsOf(IntStream.range(0, 10).mapToObj(i -> COUNT - 6 - i).toList());
    assertThat(orders.find(Filters.eq("_id", 7)).projection(Projections.excludeId()).first())
        .isEqualTo(new Document("n", 7));
  }

  @Test
  void shouldAggregateOverShards() {
    List<Document> groups =
        orders
            .aggregate(
                List.of(
                    Aggregates.match(Filters.lt("_id", 100)),
                    Document.parse("{$group: {_id: '$n', count: {$sum: 1}}}"),
                    Aggregates.sort(Sorts.ascending("_id"))))
            .into(new ArrayList<>());
    assertThat(groups).hasSize(10).allMatch(each -> each.getInteger("count") == 10);
    assertThat(orders.countDocuments()).isEqualTo(COUNT);
    assertThat(orders.distinct("n", Integer.class).into(new ArrayList<>())).hasSize(10);
  }

  @Test
  void shouldUpdateAndDeleteOneAndMany() {
    assertThat(orders.updateOne(Filters.eq("_id", 3), Updates.set("x", 1)).getModifiedCount())
        .isEqualTo(1);
    assertThat(orders.updateMany(Filters.eq("n", 1), Updates.inc("x", 1)).getModifiedCount())
        .isEqualTo(COUNT / 10);
    assertThat(orders.deleteMany(Filters.eq("n", 2)).getDeletedCount()).isEqualTo(COUNT / 10);
    assertThat(orders.findOneAndUpdate(Filters.eq("_id", 3), Updates.set("x", 2)))
        .containsEntry("x", 1);
    Bson noKey = Filters.eq("n", 1);
    assertThatThrownBy(() -> orders.updateOne(noKey, Updates.set("x", 1)))
        .hasMessageContaining("must contain the shard key");
  }

  @Test
  void shouldReportWriteErrorsUnderTheClientsIndexes() {
    List<Document> documents =
        List.of(new Document("_id", COUNT), new Document("_id", 5), new Document("_id", COUNT + 1));
    assertThatThrownBy(() -> orders.insertMany(documents, new InsertManyOptions().ordered(false)))
        .isInstanceOfSatisfying(
            MongoBulkWriteException.class,
            e -> {
              assertThat(e.getWriteErrors()).hasSize(1);
              assertThat(e.getWriteErrors().get(0).getIndex()).isEqualTo(1);
              assertThat(e.getWriteErrors().get(0).getCode()).isEqualTo(11000);
              assertThat(e.getWriteResult().getInsertedCount()).isEqualTo(2);
            });
  }

  @Test
  void shouldMoveAChunkAndHideTheOrphansItLeaves() {
    int before = onShard(0) + onShard(1);
    for (String target : List.of("shard0", "shard1", "shard0")) {
      client
          .getDatabase("admin")
          .runCommand(
              new Document("moveChunk", "shop.orders")
                  .append("find", new Document("_id", 1))
                  .append("to", target));
      assertThat(ids(orders.find()))
          .containsExactlyInAnyOrderElementsOf(IntStream.range(0, COUNT).boxed().toList());
      assertThat(orders.countDocuments()).isEqualTo(COUNT);
    }
    assertThat(onShard(0) + onShard(1)).isGreaterThan(before);
    assertThat(orders.estimatedDocumentCount()).isGreaterThan(COUNT);
  }

  @Test
  void shouldRouteUnshardedCollectionsToOneShard() {
    MongoCollection<Document> plain = client.getDatabase("other").getCollection("plain");
    plain.drop();
    plain.insertMany(IntStream.range(0, 250).mapToObj(i -> new Document("_id", i)).toList());
    plain.createIndex(new Document("n", 1));
    assertThat(ids(plain.find().batchSize(20))).hasSize(250);
    assertThat(client.getDatabase("other").listCollectionNames()).containsExactly("plain");
    assertThat(client.listDatabaseNames()).contains("shop", "other", "config");
    client.getDatabase("other").drop();
    assertThat(client.listDatabaseNames()).doesNotContain("other");
  }

  @Test
  void shouldDropAndShardAgain() {
    Document command =
        new Document("shardCollection", "shop.again").append("key", new Document("k", "hashed"));
    client.getDatabase("admin").runCommand(command);
    MongoCollection<Document> again = client.getDatabase("shop").getCollection("again");
    again.insertMany(IntStream.range(0, 40).mapToObj(i -> new Document("k", "k" + i)).toList());
    assertThat(again.countDocuments()).isEqualTo(40);
    again.drop();
    assertThat(again.countDocuments()).isZero();
    client.getDatabase("admin").runCommand(command);
    again.insertOne(new Document("k", "x"));
    assertThat(again.countDocuments()).isEqualTo(1);
    again.drop();
  }

  @Test
  void shouldReadItsOwnWritesInACausalSession() {
    try (ClientSession session = client.startSession()) {
      orders.insertOne(session, new Document("_id", 5_000));
      assertThat(orders.find(session, Filters.eq("_id", 5_000)).first()).isNotNull();
      assertThat(session.getOperationTime()).isNotNull();
      assertThat(session.getClusterTime()).isNotNull();
    }
  }

  @Test
  void shouldCommitATransactionOfSeveralShardsOnceHoweverOftenItIsAsked() {
    LocalServer mongos = cluster.mongos().orElseThrow();
    String transaction =
        "lsid: {id: {$uuid: '00000000-0000-4000-8000-000000000077'}},"
            + " txnNumber: {$numberLong: '1'}, autocommit: false";
    StringBuilder documents = new StringBuilder();
    for (int i = 0; i < 20; i++) {
      documents.append("{_id: ").append(9_000 + i).append("},");
    }
    mongos.run(
        "shop",
        BsonDocument.parse(
            "{insert: 'orders', documents: [%s], startTransaction: true, %s}"
                .formatted(documents, transaction)));
    assertThat(orders.find(Filters.gte("_id", 9_000)).first()).isNull();
    BsonDocument commit =
        BsonDocument.parse(
            "{commitTransaction: 1, writeConcern: {w: 'majority'}, %s}".formatted(transaction));
    for (int i = 0; i < 3; i++) {
      mongos.run("admin", commit);
      assertThat(orders.countDocuments(Filters.gte("_id", 9_000))).isEqualTo(20);
    }
  }

  @Test
  void shouldAbortATransactionOnEveryShard() {
    try (ClientSession session = client.startSession()) {
      session.startTransaction();
      orders.insertMany(
          session, IntStream.range(8_000, 8_020).mapToObj(i -> new Document("_id", i)).toList());
      assertThat(orders.find(session, Filters.eq("_id", 8_003)).first()).isNotNull();
      session.abortTransaction();
    }
    assertThat(orders.countDocuments(Filters.gte("_id", 8_000))).isZero();
  }

  @Test
  void shouldKnowTheClusterButNotWhatOnlyServersDo() {
    Document admin = client.getDatabase("admin").runCommand(new Document("listShards", 1));
    assertThat(admin.getList("shards", Document.class)).hasSize(2);
    for (String name : List.of("appendOplogNote", "shardingState", "_configsvrBalancerStop")) {
      assertThatThrownBy(() -> client.getDatabase("admin").runCommand(new Document(name, 1)))
          .isInstanceOfSatisfying(
              MongoCommandException.class, e -> assertThat(e.getErrorCode()).isEqualTo(59));
    }
    Document balancer = client.getDatabase("admin").runCommand(new Document("balancerStop", 1));
    assertThat(balancer.getDouble("ok")).isEqualTo(1);
    assertThat(
            client
                .getDatabase("admin")
                .runCommand(new Document("balancerStatus", 1))
                .getString("mode"))
        .isEqualTo("off");
    client.getDatabase("admin").runCommand(new Document("balancerStart", 1));
  }
}
