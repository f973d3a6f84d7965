package io.stillpoint.sandbox.mongo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.ClusterTime;
import io.stillpoint.mongo.OplogReader;
import io.stillpoint.mongo.StandaloneEditor;
import io.stillpoint.mongo.StandaloneEditor.Addresses;
import io.stillpoint.mongo.TopologyReader;
import io.stillpoint.sandbox.cluster.LocalServer;
import io.stillpoint.sandbox.cluster.ServerPrograms;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.bson.BsonTimestamp;
import org.bson.BsonValue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StandaloneEditorTest {

  private static final ClusterTime CHECKPOINT = new ClusterTime(100, 0);
  private static final ClusterTime POINT = new ClusterTime(200, 7);
  private static final ClusterTime LATEST = new ClusterTime(0x7FFFFFFFL, 0);
  private static final String CONFIGURATION =
      "{_id:'rs1',version:{$numberInt:'7'},term:{$numberLong:'3'},"
          + "members:[{_id:0,host:'new:1'}],settings:{electionTimeoutMillis:7000}}";

  @TempDir private Path directory;
  private LocalServer server;
  private StandaloneEditor editor;

  @BeforeEach
  void start() {
    server =
        LocalServer.mongod(
            "standalone",
            directory.resolve("data"),
            directory.resolve("log"),
            ServerPrograms.fromSystemProperties(),
            List.of("--setParameter", "disableLogicalSessionCacheRefresh=true"));
    server.start();
    editor = new StandaloneEditor(server.address());
  }

  @AfterEach
  void stop() {
    editor.close();
    server.kill();
  }

  @Test
  void shouldMarkThePointOnceHoweverOftenItIsDone() {
    insert("local", "replset.minvalid", "{_id:1,ts:{$timestamp:{t:9,i:9}}}");
    insert("local", "replset.election", "{_id:1,term:4}");
    assertThat(editor.isReachable()).isTrue();

    editor.prepareReplay(new ClusterTime(1, 1), 0);
    assertThat(all("local", "replset.election")).isEmpty();
    editor.prepareReplay(POINT, 1004);

    assertThat(all("local", "replset.oplogTruncateAfterPoint"))
        .singleElement()
        .satisfies(
            d ->
                assertThat(d.getTimestamp("oplogTruncateAfterPoint"))
                    .isEqualTo(new BsonTimestamp(200, 7)));
    assertThat(all("local", "replset.minvalid"))
        .singleElement()
        .satisfies(
            d -> {
              assertThat(d.getTimestamp("ts")).isEqualTo(new BsonTimestamp(0, 1));
              assertThat(d.getInt64("t").getValue()).isEqualTo(-1);
            });
    assertThat(all("local", "replset.election"))
        .singleElement()
        .satisfies(d -> assertThat(d.getInt64("term").getValue()).isEqualTo(1004));
  }

  @Test
  void shouldWriteNewAddressesOnceHoweverOftenItIsDone() {
    insert("local", "system.replset", "{_id:'rs0',version:4,members:[{_id:0,host:'old:1'}]}");
    insert(
        "admin",
        "system.version",
        "{_id:'shardIdentity',shardName:'a',configsvrConnectionString:'cfg/old:1'}");
    insert("config", "shards", "{_id:'a',host:'ra/h:1'},{_id:'b',host:'rb/h:2'}");
    Addresses addresses =
        new Addresses(
            CONFIGURATION, "cfg/new:9", "a", Map.of("a", "rb/h:2", "b", "ra/h:1"), Map.of());

    editor.rewrite(addresses, CHECKPOINT, POINT);
    editor.rewrite(addresses, CHECKPOINT, POINT);

    assertThat(all("local", "system.replset"))
        .singleElement()
        .satisfies(
            d -> {
              assertThat(d.getString("_id").getValue()).isEqualTo("rs1");
              assertThat(d.getInt32("version").getValue()).isOne();
              assertThat(d).doesNotContainKey("term");
              assertThat(d.getDocument("settings")).isNotEmpty();
            });
    assertThat(all("admin", "system.version"))
        .filteredOn(d -> d.get("_id").equals(new BsonString("shardIdentity")))
        .extracting(d -> d.getString("configsvrConnectionString").getValue())
        .containsExactly("cfg/new:9");
    assertThat(all("config", "shards"))
        .extracting(d -> d.getString("_id").getValue() + " " + d.getString("host").getValue())
        .containsExactlyInAnyOrder("a rb/h:2", "b ra/h:1");
  }

  @Test
  void shouldRefuseWhatWouldLeaveAddressesOfTheSource() {
    insert("config", "shards", "{_id:'a',host:'ra/h:1'},{_id:'b',host:'rb/h:2'}");
    assertThat(refusalOf(new Addresses("", "", "", Map.of("a", "ra/n:1"), Map.of())))
        .contains("shard 'b' would keep its old address rb/h:2");
    assertThat(
            refusalOf(
                new Addresses(
                    "", "", "", Map.of("a", "x/x:1", "b", "y/y:1", "c", "z/z:1"), Map.of())))
        .contains("has no document");
    assertThat(refusalOf(new Addresses("", "cfg/new:9", "", Map.of(), Map.of())))
        .contains("no shard identity");
  }

  @Test
  void shouldRefuseAnotherShardId() {
    insert(
        "admin",
        "system.version",
        "{_id:'shardIdentity',shardName:'a',configsvrConnectionString:'cfg/old:1'}");
    assertThat(refusalOf(new Addresses("", "cfg/new:9", "b", Map.of(), Map.of())))
        .contains("shard 'a'", "shard 'b'");
  }

  @Test
  void shouldReadTheOplogAndRefuseEditsThatReplayWouldOverwrite() {
    ClusterTime shardAdded = restartWithDataOfAReplicaSet();
    OplogReader oplog = editor.oplog();
    ClusterTime newest = oplog.lastEntry(LATEST);

    assertThat(oplog.lastEntry(shardAdded)).isEqualTo(shardAdded);
    assertThat(oplog.oldest().compareTo(shardAdded)).isNegative();
    assertThat(oplog.lastEntry(new ClusterTime(1, 1))).isEqualTo(ClusterTime.ZERO);
    assertThat(oplog.count(shardAdded, newest)).isEqualTo(5);
    assertThat(oplog.count(newest, LATEST)).isZero();
    assertThat(oplog.count(oplog.oldest(), newest))
        .isEqualTo(oplog.count(oplog.oldest(), shardAdded) + 5);

    Addresses addresses = new Addresses("", "", "", Map.of("a", "ra/n:1"), Map.of());
    // A new set writes admin.system.version soon after its start; that is before this.
    ClusterTime before = new ClusterTime(shardAdded.seconds(), shardAdded.increment() - 1);
    assertThat(refusalOf(addresses, before, newest))
        .contains("config.shards was written at " + shardAdded);
    // A standalone shows the last checkpoint, which need not hold the document yet.
    server.run(
        "config",
        BsonDocument.parse(
            "{update:'shards',updates:[{q:{_id:'a'},u:{host:'ra/h:1'},upsert:true}]}"));
    editor.rewrite(addresses, shardAdded, newest);
    assertThat(all("config", "shards"))
        .extracting(d -> d.getString("host").getValue())
        .containsExactly("ra/n:1");
  }

  /** Returns when config.shards was written; five documents follow. */
  private ClusterTime restartWithDataOfAReplicaSet() {
    stop();
    Path data = directory.resolve("member");
    Path log = directory.resolve("member.log");
    ServerPrograms programs = ServerPrograms.fromSystemProperties();
    server = LocalServer.mongod("member", data, log, programs, List.of("--replSet", "rs0"));
    server.start();
    server.run(
        "admin",
        BsonDocument.parse(
            "{replSetInitiate:{_id:'rs0',members:[{_id:0,host:'%s'}]}}"
                .formatted(server.address())));
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () ->
                server
                    .run("admin", BsonDocument.parse("{isMaster:1}"))
                    .getBoolean("ismaster")
                    .getValue());
    insert("shop", "orders", "{_id:'first'}");
    insert("config", "shards", "{_id:'a',host:'ra/h:1'}");
    for (int i = 0; i < 5; i++) {
      insert("shop", "orders", "{n:%d}".formatted(i));
    }
    BsonTimestamp written =
        all("local", "oplog.rs").stream()
            .filter(e -> "config.shards".equals(e.getString("ns").getValue()))
            .filter(e -> "i".equals(e.getString("op").getValue()))
            .findFirst()
            .orElseThrow()
            .getTimestamp("ts");
    server.stop();
    server = LocalServer.mongod("alone", data, log, programs, List.of());
    server.start();
    editor = new StandaloneEditor(server.address());
    return new ClusterTime(written.getTime(), written.getInc());
  }

  @Test
  void shouldShutTheServerDownCleanly() {
    editor.shutdown();
    Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> server.running().isEmpty());
    assertThat(editor.isReachable()).isFalse();
  }

  @Test
  void shouldRefuseToBackUpAStandalone() {
    try (Adapters worker =
        new Adapters("mongodb://" + server.address(), List.of(), directory.resolve("catalog"))) {
      StillpointException refused =
          catchThrowableOfType(
              StillpointException.class,
              () -> new TopologyReader(worker.connections, worker.calls).read(Adapters.CLUSTER));
      assertThat(refused.code()).isEqualTo(ErrorCode.STANDALONE_SERVER);
    }
  }

  private String refusalOf(Addresses addresses) {
    return refusalOf(addresses, CHECKPOINT, POINT);
  }

  private String refusalOf(Addresses addresses, ClusterTime checkpoint, ClusterTime point) {
    StillpointException refused =
        catchThrowableOfType(
            StillpointException.class, () -> editor.rewrite(addresses, checkpoint, point));
    assertThat(refused.code()).isEqualTo(ErrorCode.REMAP_UNSAFE);
    return refused.getMessage();
  }

  private void insert(String database, String collection, String documents) {
    server.run(
        database,
        BsonDocument.parse("{insert:'%s',documents:[%s]}".formatted(collection, documents)));
  }

  private List<BsonDocument> all(String database, String collection) {
    return server
        .run(database, BsonDocument.parse("{find:'%s'}".formatted(collection)))
        .getDocument("cursor")
        .getArray("firstBatch")
        .stream()
        .map(BsonValue::asDocument)
        .toList();
  }
}
