package io.stillpoint.sandbox.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bson.BsonBinary;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonTimestamp;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OplogReplayTest {
  private static final BsonTimestamp T = new BsonTimestamp(100, 5);
  private static final BsonBinary SESSION = new BsonBinary(new byte[16]);

  private final Map<OplogReplay.TransactionKey, BsonTimestamp> commits = new HashMap<>();
  private final OplogReplay replay = new OplogReplay(T, Set.of("shop.a", "shop.b"), commits);

  @BeforeEach
  void create() {
    for (String shard : List.of("s0", "s1")) {
      apply(shard, "{op: 'c', ns: 'shop.$cmd', o: {create: 'a'}}");
    }
  }

  @Test
  void shouldFollowInsertsUpdatesOfAllFormatsAndDeletes() {
    apply("s0", "{op: 'i', ns: 'shop.a', o: {_id: 1, v: 0, k: {x: 1}}}");
    apply("s0", "{op: 'i', ns: 'shop.a', o: {_id: 2}}");
    apply("s0", "{op: 'i', ns: 'shop.other', o: {_id: 3}}");
    apply("s0", "{op: 'u', ns: 'shop.a', o2: {_id: 1}, o: {$v: 1, $set: {v: 1, 'k.y': 2}}}");
    apply("s0", "{op: 'u', ns: 'shop.a', o2: {_id: 1}, o: {$v: 2, diff: {sk: {d: {x: false}}}}}");
    apply("s0", "{op: 'u', ns: 'shop.a', o2: {_id: 2}, o: {_id: 2, whole: true}}");
    assertThat(documents("shop.a"))
        .containsExactlyInAnyOrder(
            BsonDocument.parse("{_id: 1, v: 1, k: {y: 2}}"),
            BsonDocument.parse("{_id: 2, whole: true}"));
    apply("s0", "{op: 'd', ns: 'shop.a', o: {_id: 1}}");
    assertThat(documents("shop.a")).hasSize(1);
  }

  @Test
  void shouldIgnoreWhatAMigrationCopiedOrDeleted() {
    apply("s0", "{op: 'i', ns: 'shop.a', o: {_id: 1}}");
    apply("s1", "{op: 'i', ns: 'shop.a', o: {_id: 1}, fromMigrate: true}");
    apply("s0", "{op: 'd', ns: 'shop.a', o: {_id: 1}, fromMigrate: true}");
    apply("s1", "{op: 'u', ns: 'shop.a', o2: {_id: 1}, o: {$v: 1, $set: {v: 9}}}");
    assertThat(documents("shop.a")).containsExactly(BsonDocument.parse("{_id: 1, v: 9}"));
  }

  @Test
  void shouldDropOnlyTheDroppingShardsPart() {
    apply("s0", "{op: 'i', ns: 'shop.a', o: {_id: 1}}");
    apply("s1", "{op: 'i', ns: 'shop.a', o: {_id: 2}}");
    apply("s0", "{op: 'c', ns: 'shop.$cmd', o: {drop: 'a'}}");
    assertThat(documents("shop.a")).containsExactly(BsonDocument.parse("{_id: 2}"));
  }

  @Test
  void shouldFollowRenames() {
    apply("s0", "{op: 'i', ns: 'shop.a', o: {_id: 1}}");
    apply("s0", "{op: 'c', ns: 'shop.$cmd', o: {renameCollection: 'shop.a', to: 'shop.b'}}");
    assertThat(documents("shop.a")).isEmpty();
    assertThat(documents("shop.b")).hasSize(1);
  }

  @Test
  void shouldCountPreparedTransactionsThatAllParticipantsHadPrepared() {
    commits.put(new OplogReplay.TransactionKey(SESSION, new BsonInt64(1)), T);
    commits.put(
        new OplogReplay.TransactionKey(SESSION, new BsonInt64(2)), new BsonTimestamp(100, 6));
    for (int number = 1; number <= 3; number++) {
      transaction(number, "{applyOps: [{op: 'i', ns: 'shop.a', o: {_id: %d}}], prepare: true}");
    }
    assertThat(documents("shop.a")).containsExactly(BsonDocument.parse("{_id: 1}"));
  }

  @Test
  void shouldPutTogetherTransactionsOfSeveralEntries() {
    transaction(1, "{applyOps: [{op: 'i', ns: 'shop.a', o: {_id: %d}}], partialTxn: true}");
    assertThat(documents("shop.a")).isEmpty();
    transaction(1, "{applyOps: [{op: 'i', ns: 'shop.a', o: {_id: 20}}], count: 2}");
    assertThat(documents("shop.a")).hasSize(2);
  }

  @Test
  void shouldRefuseAnOplogThatBeganTooLate() {
    assertThatThrownBy(
            () -> apply("s0", "{op: 'u', ns: 'shop.a', o2: {_id: 7}, o: {$v: 1, $set: {v: 1}}}"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("no oplog inserted that document");
    assertThatThrownBy(() -> apply("s0", "{op: 'i', ns: 'shop.b', o: {_id: 1}}"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("does not reach back to the creation of shop.b");
  }

  private void apply(String shard, String entry) {
    replay.apply(shard, BsonDocument.parse(entry));
  }

  private void transaction(int number, String operation) {
    replay.apply(
        "s0",
        BsonDocument.parse("{op: 'c', ns: 'admin.$cmd'}")
            .append("lsid", new BsonDocument("id", SESSION))
            .append("txnNumber", new BsonInt64(number))
            .append("o", BsonDocument.parse(operation.formatted(number)))
            .append("n", new BsonInt32(number)));
  }

  private List<BsonDocument> documents(String namespace) {
    return List.copyOf(replay.documents().get(namespace).values());
  }
}
