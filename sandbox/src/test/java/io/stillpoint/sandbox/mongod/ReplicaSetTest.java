package io.stillpoint.sandbox.mongod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.stillpoint.sandbox.wire.CommandException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bson.BsonArray;
import org.bson.BsonBinary;
import org.bson.BsonDocument;
import org.bson.BsonInt64;
import org.bson.BsonTimestamp;
import org.bson.BsonValue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three members: replication, failover, rollback, cluster time. */
class ReplicaSetTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  @TempDir Path base;
  private final int[] ports = IntStream.range(0, 3).map(i -> TestServer.freePort()).toArray();
  private final TestServer[] members = new TestServer[3];

  @BeforeEach
  void startSet() {
    for (int i = 0; i < 3; i++) {
      members[i] = start(i);
    }
    members[0].run("admin", TestServer.initiation(ports));
    members[0].awaitPrimary();
    awaitSecondaries(1, 2);
  }

  private TestServer start(int i) {
    return TestServer.start(base.resolve("m" + i), ports[i], "--replSet", "rs0");
  }

  private void awaitSecondaries(int... which) {
    for (int i : which) {
      await()
          .atMost(LIMIT)
          .until(
              () -> members[i].send("admin", "{isMaster: 1}").getBoolean("secondary").getValue());
    }
  }

  @AfterEach
  void stop() {
    Arrays.stream(members).forEach(TestServer::close);
  }

  private String hash(int i) {
    return members[i].run("test", "{dbHash: 1}").getString("md5").getValue();
  }

  private void awaitSameData() {
    await()
        .atMost(LIMIT)
        .untilAsserted(() -> assertThat(List.of(hash(1), hash(2))).containsOnly(hash(0)));
  }

  @Test
  void shouldHoldTheSameDataOnEveryMember() {
    members[0].insert("c", 0, 500);
    members[0].run(
        "test",
        "{update: 'c', updates: [{q: {}, u: {$inc: {n: 1}, $set: {'a.b': 'x'}}, multi: true}]}");
    members[0].run("test", "{delete: 'c', deletes: [{q: {_id: {$gte: 400}}, limit: 0}]}");
    members[0].run("test", "{createIndexes: 'c', indexes: [{key: {n: 1}, name: 'n_1'}]}");
    awaitSameData();
    assertThat(
            members[1]
                .run(
                    "test",
                    "{count: 'c', query: {n: 1, 'a.b': 'x'}, $readPreference: {mode: 'secondary'}}")
                .getNumber("n")
                .intValue())
        .isEqualTo(400);
  }

  @Test
  void shouldRefuseWritesAndUnaskedReadsOnSecondary() {
    assertThatThrownBy(() -> members[1].insert("c", 0, 1))
        .isInstanceOfSatisfying(CommandException.class, e -> assertThat(e.code()).isEqualTo(10107));
    assertThatThrownBy(() -> members[1].run("test", "{find: 'c'}"))
        .isInstanceOfSatisfying(CommandException.class, e -> assertThat(e.code()).isEqualTo(13435));
  }

  @Test
  void shouldKeepMajorityWritesWhenPrimaryIsKilled() {
    members[0].insert("c", 0, 100);
    members[0].crash();
    await()
        .atMost(LIMIT)
        .until(
            () ->
                IntStream.of(1, 2)
                    .anyMatch(i -> members[i].mongod().replication().get().set().writable()));
    TestServer primary =
        members[1].mongod().replication().get().set().writable() ? members[1] : members[2];
    assertThat(primary.count("c")).isEqualTo(100);
    primary.insert("c", 100, 150);
    members[0] = start(0);
    awaitSameData();
  }

  @Test
  void shouldGiveUpWritesThatNoMajorityHad() {
    members[0].insert("c", 0, 10);
    for (int i : new int[] {1, 2}) {
      members[i].run("admin", "{configureFailPoint: 'rsSyncApplyStop', mode: 'alwaysOn'}");
    }
    members[0].run("test", "{insert: 'c', documents: [{_id: 'lost'}], writeConcern: {j: true}}");
    members[0].crash();
    for (int i : new int[] {1, 2}) {
      members[i].run("admin", "{configureFailPoint: 'rsSyncApplyStop', mode: 'off'}");
    }
    await()
        .atMost(LIMIT)
        .ignoreExceptions()
        .until(() -> members[1].run("admin", "{replSetStepUp: 1}").getNumber("ok").intValue() == 1);
    members[1].insert("c", 10, 20);
    members[0] = start(0);
    awaitSameData();
    awaitSecondaries(0);
    assertThat(
            members[0]
                .run(
                    "test",
                    "{count: 'c', query: {_id: 'lost'}, $readPreference: {mode: 'nearest'}}")
                .getNumber("n")
                .intValue())
        .isZero();
  }

  @Test
  void shouldHandOverWhenPrimaryStepsDown() {
    members[0].insert("c", 0, 10);
    members[0].run("admin", "{replSetStepDown: 60}");
    await()
        .atMost(LIMIT)
        .until(
            () ->
                IntStream.of(1, 2)
                    .anyMatch(i -> members[i].mongod().replication().get().set().writable()));
  }

  @Test
  void shouldMovePastGossipedTimeWithOneNote() {
    long ahead = (System.currentTimeMillis() / 1000 + 100) << 32 | 5;
    BsonDocument signature =
        new BsonDocument("hash", new BsonBinary(new byte[20])).append("keyId", new BsonInt64(0));
    BsonDocument reply =
        members[0].run(
            "admin",
            BsonDocument.parse(
                    "{appendOplogNote: 1, data: {a: 1}, writeConcern: {w: 'majority', j: true}}")
                .append(
                    "$clusterTime",
                    new BsonDocument("clusterTime", new BsonTimestamp(ahead))
                        .append("signature", signature)));
    assertThat(reply.getTimestamp("operationTime").getValue()).isGreaterThan(ahead);
    BsonDocument status = members[0].run("admin", "{replSetGetStatus: 1}");
    assertThat(
            status
                .getDocument("optimes")
                .getDocument("lastCommittedOpTime")
                .getTimestamp("ts")
                .getValue())
        .isGreaterThan(ahead);
    assertThat(
            members[0]
                .send(
                    "admin",
                    BsonDocument.parse("{ping: 1}")
                        .append(
                            "$clusterTime",
                            new BsonDocument("clusterTime", new BsonTimestamp(ahead))))
                .getNumber("code")
                .intValue())
        .isEqualTo(4);
  }

  @Test
  void shouldNotApplyRetriedStatementTwice() {
    BsonDocument command =
        BsonDocument.parse("{update: 'c', updates: [{q: {_id: 1}, u: {$inc: {n: 1}}}]}")
            .append("lsid", new BsonDocument("id", Store.newUuid()))
            .append("txnNumber", new BsonInt64(1));
    members[0].insert("c", 1, 2);
    members[0].run("test", command);
    assertThat(members[0].run("test", command).getNumber("nModified").intValue()).isEqualTo(1);
    BsonArray found =
        members[0].run("test", "{find: 'c'}").getDocument("cursor").getArray("firstBatch");
    assertThat(found.stream().map(BsonValue::asDocument).map(d -> d.getNumber("n").intValue()))
        .containsExactly(1);
  }
}
