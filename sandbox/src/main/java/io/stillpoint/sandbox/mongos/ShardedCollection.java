package io.stillpoint.sandbox.mongos;

import io.stillpoint.sandbox.query.Paths;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonNull;
import org.bson.BsonTimestamp;
import org.bson.BsonValue;

/**
 * A collection sharded by one hashed field, and which shard owns which range of hashes.
 *
 * @param chunks by the lowest hash of each; the first key is {@code Long.MIN_VALUE}
 */
record ShardedCollection(String namespace, String keyField, NavigableMap<Long, Chunk> chunks) {

  /**
   * @param document as in {@code config.chunks}
   */
  record Chunk(String shard, BsonDocument document) {}

  static ShardedCollection of(BsonDocument collection, Collection<BsonDocument> chunkDocuments) {
    String field = collection.getDocument("key").getFirstKey();
    NavigableMap<Long, Chunk> chunks = new TreeMap<>();
    for (BsonDocument chunk : chunkDocuments) {
      BsonValue min = chunk.getDocument("min").get(field);
      long lowest = min.isNumber() ? min.asNumber().longValue() : Long.MIN_VALUE;
      chunks.put(lowest, new Chunk(chunk.getString("shard").getValue(), chunk));
    }
    return new ShardedCollection(collection.getString("_id").getValue(), field, chunks);
  }

  /** What a shard compares with what it remembers: the newest chunk's version, and the epoch. */
  BsonArray version() {
    BsonTimestamp newest =
        chunkDocuments().stream()
            .map(chunk -> chunk.getTimestamp("lastmod"))
            .max(BsonTimestamp::compareTo)
            .orElseThrow();
    return new BsonArray(
        List.of(newest, chunks.firstEntry().getValue().document().get("lastmodEpoch")));
  }

  String shardOf(BsonDocument document) {
    return chunkOf(Paths.at(document, keyField)).shard();
  }

  Chunk chunkOf(BsonValue keyValue) {
    return chunks.floorEntry(HashedKey.hash(keyValue)).getValue();
  }

  /** The shard that a filter with an equality on the key is about; empty for any other filter. */
  Optional<String> target(BsonDocument filter) {
    return equality(filter).map(value -> chunkOf(value).shard());
  }

  private Optional<BsonValue> equality(BsonDocument filter) {
    BsonValue condition = filter.get(keyField);
    if (condition == null || condition.isRegularExpression()) {
      return Optional.empty();
    }
    if (condition.isDocument()
        && !condition.asDocument().isEmpty()
        && condition.asDocument().getFirstKey().startsWith("$")) {
      return Optional.ofNullable(condition.asDocument().get("$eq"));
    }
    return Optional.of(condition);
  }

  /** Every shard that owns a chunk. */
  Set<String> shards() {
    Set<String> shards = new LinkedHashSet<>();
    chunks.values().forEach(chunk -> shards.add(chunk.shard()));
    return shards;
  }

  /** Whether the shard that a document was read from owns it; if not, it is an orphan. */
  boolean owns(String shard, BsonDocument document) {
    return shardOf(document).equals(shard);
  }

  /** Chunks that contain the hash of a value with {@code lower <= hash < upper}. */
  boolean inRange(BsonDocument document, long lower, Optional<Long> upper) {
    BsonValue value = Paths.at(document, keyField);
    long hash = HashedKey.hash(value == null ? BsonNull.VALUE : value);
    return hash >= lower && upper.map(bound -> hash < bound).orElse(true);
  }

  /** The first hash after a chunk; empty for the last chunk. */
  Optional<Long> end(long lowest) {
    Map.Entry<Long, Chunk> next = chunks.higherEntry(lowest);
    return Optional.ofNullable(next).map(Map.Entry::getKey);
  }

  List<BsonDocument> chunkDocuments() {
    return chunks.values().stream().map(Chunk::document).toList();
  }
}
