package io.stillpoint.sandbox.mongod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonObjectId;
import org.bson.BsonString;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Transactions over two shards, also when the servers die between prepare and commit. */
class TwoPhaseCommitTest {
  private static final String[] NAMES = {"s0", "s1"};

  @TempDir Path base;
  private final int configPort = TestServer.freePort();
  private final int[] ports = {TestServer.freePort(), TestServer.freePort()};
  private final TestServer[] shards = new TestServer[2];
  private TestServer config;
  private final BsonDocument lsid = new BsonDocument("id", Store.newUuid());
  private final ObjectId clusterId = new ObjectId();

  @BeforeEach
  void startCluster() {
    config = TestServer.primary(base.resolve("config"), configPort, "--configsvr");
    for (int i = 0; i < 2; i++) {
      BsonDocument shard =
          new BsonDocument("_id", new BsonString(NAMES[i]))
              .append("host", new BsonString("rs0/127.0.0.1:" + ports[i]))
              .append("state", new BsonInt32(1));
      config.run(
          "config",
          new BsonDocument("insert", new BsonString("shards"))
              .append("documents", new BsonArray(java.util.List.of(shard))));
      shards[i] = startShard(i);
      BsonDocument identity =
          new BsonDocument("shardName", new BsonString(NAMES[i]))
              .append("clusterId", new BsonObjectId(clusterId))
              .append("configsvrConnectionString", new BsonString("rs0/127.0.0.1:" + configPort));
      shards[i].run(
          "admin",
          new BsonDocument("_addShard", new BsonInt32(1)).append("shardIdentity", identity));
      shards[i].run(
          "bank",
          "{insert: 'accounts', documents: [{_id: 1, balance: 100}], writeConcern: {w:"
              + " 'majority'}}");
    }
  }

  private TestServer startShard(int i) {
    return TestServer.primary(base.resolve(NAMES[i]), ports[i], "--shardsvr");
  }

  @AfterEach
  void stop() {
    shards[0].close();
    shards[1].close();
    config.close();
  }

  private BsonDocument inTransaction(String command) {
    return BsonDocument.parse(command)
        .append("lsid", lsid)
        .append("txnNumber", new BsonInt64(7))
        .append("autocommit", org.bson.BsonBoolean.FALSE);
  }

  private void transfer() {
    shards[0].run("bank", inTransaction(addTo(-30)));
    shards[1].run("bank", inTransaction(addTo(30)));
  }

  private static String addTo(int amount) {
    return "{update: 'accounts', startTransaction: true, updates: [{q: {_id: 1}, u: {$inc:"
        + " {balance: "
        + amount
        + "}}}]}";
  }

  private int balance(int shard) {
    return shards[shard]
        .run("bank", "{find: 'accounts', filter: {_id: 1}}")
        .getDocument("cursor")
        .getArray("firstBatch")
        .get(0)
        .asDocument()
        .getInt32("balance")
        .getValue();
  }

  private long prepared(int shard) {
    return shards[shard]
        .run("admin", "{serverStatus: 1}")
        .getDocument("transactions")
        .getInt64("currentPrepared")
        .getValue();
  }

  private void awaitSettled() {
    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () ->
                prepared(0) == 0
                    && prepared(1) == 0
                    && shards[0]
                        .run("config", "{find: 'transaction_coordinators'}")
                        .getDocument("cursor")
                        .getArray("firstBatch")
                        .isEmpty());
  }

  /** Leaves the state of a coordinator that died after it had written the participants. */
  private void writeCoordinatorDocument() {
    BsonDocument id =
        new BsonDocument("lsid", shards[0].mongod().sessionDocument(lsid))
            .append("txnNumber", new BsonInt64(7));
    BsonDocument document =
        new BsonDocument("_id", id)
            .append(
                "participants",
                new BsonArray(java.util.List.of(new BsonString("s0"), new BsonString("s1"))));
    shards[0].run(
        "config",
        new BsonDocument("insert", new BsonString("transaction_coordinators"))
            .append("documents", new BsonArray(java.util.List.of(document)))
            .append("writeConcern", BsonDocument.parse("{w: 'majority'}")));
  }

  private void crashAndRestartShards() {
    shards[0].crash();
    shards[1].crash();
    // Together, as a restore has to: the coordinator does not finish before both are there.
    shards[1] = startShard(1);
    shards[0] = startShard(0);
  }

  @Test
  void shouldCommitOnBothShards() {
    transfer();
    assertThat(balance(0)).isEqualTo(100);
    shards[0].run(
        "admin",
        inTransaction(
            "{coordinateCommitTransaction: 1, participants: [{shardId: 's0'}, {shardId: 's1'}]}"));
    assertThat(balance(0)).isEqualTo(70);
    assertThat(balance(1)).isEqualTo(130);
    awaitSettled();
  }

  @Test
  void shouldFinishTransactionThatWasPreparedOnBothShardsBeforeTheyDied() {
    transfer();
    writeCoordinatorDocument();
    for (TestServer shard : shards) {
      shard.run("admin", inTransaction("{prepareTransaction: 1, writeConcern: {w: 'majority'}}"));
    }
    assertThat(prepared(0)).isEqualTo(1);
    assertThat(balance(0)).isEqualTo(100);
    BsonDocument blocked =
        shards[0].send(
            "bank",
            "{update: 'accounts', maxTimeMS: 200, updates: [{q: {_id: 1}, u: {$inc: {balance:"
                + " 1}}}]}");
    assertThat(blocked.getNumber("code").intValue()).isEqualTo(50);

    crashAndRestartShards();
    awaitSettled();
    assertThat(balance(0)).isEqualTo(70);
    assertThat(balance(1)).isEqualTo(130);
  }

  @Test
  void shouldAbortTransactionThatOnlyOneShardHadPrepared() {
    transfer();
    writeCoordinatorDocument();
    shards[0].run("admin", inTransaction("{prepareTransaction: 1, writeConcern: {w: 'majority'}}"));
    crashAndRestartShards();
    awaitSettled();
    assertThat(balance(0)).isEqualTo(100);
    assertThat(balance(1)).isEqualTo(100);
  }

  @Test
  void shouldAbortProcessWhenParticipantIsUnknown() {
    transfer();
    writeCoordinatorDocument();
    config.run("config", "{delete: 'shards', deletes: [{q: {_id: 's1'}, limit: 1}]}");
    shards[0].crash();
    shards[0] = startShard(0);
    assertThat(shards[0].mongod().exit())
        .succeedsWithin(Duration.ofSeconds(20))
        .isEqualTo(FatalError.SIGABRT);
    assertThat(shards[0].log()).contains("51068");
  }
}
