package io.stillpoint.sandbox.mongod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.stillpoint.sandbox.mongod.BackupSteps.Cursor;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.bson.BsonDocument;
import org.bson.BsonTimestamp;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two shards, here two sets, and a client that moves a coin from one to the other again and again:
 * at every time that is the same for both there are all coins, or one is on its way.
 */
class PunishedShardMistakesTest {
  private static final int COINS = 100_000;
  private static final Duration LIMIT = Duration.ofSeconds(30);

  @TempDir Path base;
  private final TestServer[] shards = new TestServer[2];
  private final BackupSteps[] steps = new BackupSteps[2];
  private final Cursor[] cursors = new Cursor[2];
  private final int[] ports = {TestServer.freePort(), TestServer.freePort()};
  private final AtomicInteger moved = new AtomicInteger();
  private final AtomicBoolean stop = new AtomicBoolean();
  private Thread client;

  @BeforeEach
  void startShardsUnderLoad() {
    for (int i = 0; i < 2; i++) {
      Path db = base.resolve("shard" + i);
      shards[i] = TestServer.primary(db, ports[i]);
      steps[i] = new BackupSteps(shards[i], db);
      shards[i].run(
          "test",
          "{insert: 'purse', documents: [{_id: 1, coins: %d}], writeConcern: {w: 'majority'}}"
              .formatted(i == 0 ? COINS : 0));
      shards[i].checkpoint();
    }
    client = new Thread(this::moveCoins, "client");
    client.start();
    awaitMoves(20);
    for (int i = 0; i < 2; i++) {
      cursors[i] = steps[i].open();
    }
  }

  /** The second shard learns the first one's time with the command, and the other way round. */
  private void moveCoins() {
    BsonDocument time = null;
    while (!stop.get()) {
      time = add(0, -1, time);
      time = add(1, 1, time);
      moved.incrementAndGet();
    }
  }

  private BsonDocument add(int shard, int coins, BsonDocument time) {
    BsonDocument command =
        BsonDocument.parse(
            "{update: 'purse', updates: [{q: {_id: 1}, u: {$inc: {coins: %d}}}],".formatted(coins)
                + " writeConcern: {w: 'majority'}}");
    if (time != null) {
      command.append("$clusterTime", time);
    }
    return shards[shard].run("test", command).getDocument("$clusterTime");
  }

  private void awaitMoves(int more) {
    int from = moved.get();
    await().atMost(LIMIT).until(() -> moved.get() >= from + more);
  }

  @AfterEach
  void stop() throws InterruptedException {
    endLoad();
    Stream.of(shards).forEach(TestServer::close);
  }

  private void endLoad() throws InterruptedException {
    stop.set(true);
    client.join();
  }

  private BsonTimestamp now(int shard) {
    return shards[shard].run("admin", "{ping: 1}").getTimestamp("operationTime");
  }

  /** Extends to the point and copies. */
  private Path cut(int shard, BsonTimestamp point, String name) {
    steps[shard].extend(cursors[shard], point);
    Path copy = base.resolve(name);
    steps[shard].copy(steps[shard].allFiles(), copy);
    RestoreToPoint.deleteTheFive(copy);
    return copy;
  }

  private int coins(int shard, Path copy, BsonTimestamp point) {
    RestoreToPoint recipe = RestoreToPoint.run(copy, ports[shard], point);
    assertThat(recipe.standaloneError()).isEmpty();
    assertThat(recipe.memberError()).isEmpty();
    try (TestServer restored = TestServer.start(copy, ports[shard], "--replSet", "rs0")) {
      restored.awaitPrimary();
      return restored
          .run("test", "{find: 'purse'}")
          .getDocument("cursor")
          .getArray("firstBatch")
          .get(0)
          .asDocument()
          .getNumber("coins")
          .intValue();
    }
  }

  @Test
  void shouldMakeCoinsWhenEachShardHasItsOwnPoint() throws InterruptedException {
    BsonTimestamp first = now(0);
    BsonTimestamp second = now(1);
    BsonTimestamp point = first.compareTo(second) > 0 ? first : second;
    awaitMoves(20);
    Path left = cut(0, point, "left");
    Path right = cut(1, point, "right");
    awaitMoves(20);
    BsonTimestamp later = now(1);
    Path late = cut(1, later, "late");
    endLoad();
    Stream.of(shards).forEach(TestServer::crash);

    int kept = coins(0, left, point);
    assertThat(kept + coins(1, right, point)).isBetween(COINS - 1, COINS);
    assertThat(kept + coins(1, late, later)).isGreaterThan(COINS);
  }
}
