package io.stillpoint.sandbox.load;

import io.stillpoint.sandbox.query.OplogUpdate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bson.BsonArray;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonTimestamp;
import org.bson.BsonValue;
import org.bson.RawBsonDocument;
import org.bson.codecs.BsonDocumentCodec;

/**
 * Applies oplog entries of all shards, in the order of their timestamps, to empty collections.
 *
 * <p>A prepared transaction counts if its commit timestamp is not after the wanted time: that is
 * the latest prepare of all its participants, and a cluster that was restored to a time at which
 * every participant had prepared commits it.
 */
final class OplogReplay {
  private static final BsonDocumentCodec CODEC = new BsonDocumentCodec();

  private final BsonTimestamp time;
  private final Map<TransactionKey, BsonTimestamp> commits;
  private final Map<String, Map<BsonValue, Stored>> collections = new HashMap<>();
  private final Set<String> created = new HashSet<>();
  private final Map<ShardTransaction, List<BsonDocument>> unfinished = new HashMap<>();

  /** A document and the shard that wrote it last. */
  private record Stored(String shard, RawBsonDocument document) {}

  /** A transaction, the same on all its shards. */
  record TransactionKey(BsonValue session, BsonValue number) {
    static TransactionKey of(BsonDocument entry) {
      return new TransactionKey(entry.getDocument("lsid").get("id"), entry.get("txnNumber"));
    }
  }

  private record ShardTransaction(String shard, TransactionKey key) {}

  /**
   * @param commits the commit timestamps of all prepared transactions, later ones included
   */
  OplogReplay(
      BsonTimestamp time, Set<String> namespaces, Map<TransactionKey, BsonTimestamp> commits) {
    this.time = time;
    this.commits = commits;
    namespaces.forEach(namespace -> collections.put(namespace, new HashMap<>()));
  }

  /**
   * @param entry with {@code ts} not after the wanted time
   */
  void apply(String shard, BsonDocument entry) {
    BsonDocument operation = entry.getDocument("o");
    noteCreation(shard, entry, operation);
    if (entry.getBoolean("fromMigrate", BsonBoolean.FALSE).getValue()) {
      return;
    }
    if (entry.getString("op").getValue().equals("c")) {
      command(shard, entry, operation);
    } else {
      write(shard, entry, operation);
    }
  }

  Map<String, Map<BsonValue, RawBsonDocument>> documents() {
    Map<String, Map<BsonValue, RawBsonDocument>> result = new HashMap<>();
    collections.forEach(
        (namespace, stored) -> {
          Map<BsonValue, RawBsonDocument> documents = new HashMap<>();
          stored.forEach((id, each) -> documents.put(id, each.document()));
          result.put(namespace, documents);
        });
    return result;
  }

  private void noteCreation(String shard, BsonDocument entry, BsonDocument operation) {
    String db = entry.getString("ns").getValue().replaceFirst("\\..*$", "");
    if (operation.isString("create")) {
      created.add(shard + " " + db + "." + operation.getString("create").getValue());
    } else if (operation.isString("renameCollection")) {
      created.add(shard + " " + operation.getString("to").getValue());
    }
  }

  private void write(String shard, BsonDocument entry, BsonDocument operation) {
    String namespace = entry.getString("ns").getValue();
    Map<BsonValue, Stored> documents = collections.get(namespace);
    if (documents == null || entry.getString("op").getValue().equals("n")) {
      return;
    }
    if (!created.contains(shard + " " + namespace)) {
      throw new IllegalStateException(
          """
          oplog of %s does not reach back to the creation of %s
          HINT: start the cluster with a larger oplog, or ask a member that was there at first"""
              .formatted(shard, namespace));
    }
    switch (entry.getString("op").getValue()) {
      case "i" -> put(documents, shard, operation);
      case "d" -> documents.remove(operation.get("_id"));
      case "u" -> {
        BsonValue id = entry.getDocument("o2").get("_id");
        Stored before = documents.get(id);
        if (before == null) {
          throw new IllegalStateException(
              "oplog of %s updates %s in %s, but no oplog inserted that document"
                  .formatted(shard, id, namespace));
        }
        put(documents, shard, OplogUpdate.apply(before.document().decode(CODEC), operation));
      }
      default -> {
        // n: nothing happened.
      }
    }
  }

  private static void put(Map<BsonValue, Stored> documents, String shard, BsonDocument document) {
    documents.put(document.get("_id"), new Stored(shard, new RawBsonDocument(document, CODEC)));
  }

  private void command(String shard, BsonDocument entry, BsonDocument operation) {
    String db = entry.getString("ns").getValue().replaceFirst("\\..*$", "");
    switch (operation.getFirstKey()) {
      case "applyOps" -> applyOps(shard, entry, operation);
      case "drop" -> removeAll(shard, db + "." + operation.getString("drop").getValue());
      case "dropDatabase" ->
          collections.keySet().stream()
              .filter(namespace -> namespace.startsWith(db + "."))
              .forEach(namespace -> removeAll(shard, namespace));
      case "renameCollection" -> rename(shard, operation);
      default -> {
        // Indexes and options do not change documents; commits were read beforehand.
      }
    }
  }

  /** Other shards drop their own part of the collection. */
  private void removeAll(String shard, String namespace) {
    Map<BsonValue, Stored> documents = collections.get(namespace);
    if (documents != null) {
      documents.values().removeIf(stored -> stored.shard().equals(shard));
    }
  }

  private void rename(String shard, BsonDocument operation) {
    Map<BsonValue, Stored> from =
        collections.get(operation.getString("renameCollection").getValue());
    String target = operation.getString("to").getValue();
    removeAll(shard, target);
    Map<BsonValue, Stored> to = collections.get(target);
    if (from != null && to != null) {
      to.putAll(from);
    }
    if (from == null && to != null) {
      throw new IllegalStateException(
          "%s was renamed to %s\nHINT: ask for both collections"
              .formatted(operation.getString("renameCollection").getValue(), target));
    }
    if (from != null) {
      from.clear();
    }
  }

  private void applyOps(String shard, BsonDocument entry, BsonDocument operation) {
    BsonArray operations = operation.getArray("applyOps");
    if (!entry.containsKey("txnNumber") || isBatchOfRetryableWrites(entry)) {
      applyAll(shard, operations);
      return;
    }
    TransactionKey key = TransactionKey.of(entry);
    List<BsonDocument> all =
        unfinished.computeIfAbsent(new ShardTransaction(shard, key), each -> new ArrayList<>());
    operations.forEach(each -> all.add(each.asDocument()));
    if (operation.getBoolean("partialTxn", BsonBoolean.FALSE).getValue()) {
      return;
    }
    unfinished.remove(new ShardTransaction(shard, key));
    boolean prepared = operation.getBoolean("prepare", BsonBoolean.FALSE).getValue();
    BsonTimestamp commit = commits.get(key);
    if (!prepared || (commit != null && commit.compareTo(time) <= 0)) {
      applyAll(shard, all);
    }
  }

  /** From 8.0 a batch of inserts is one entry, which is no transaction. */
  private static boolean isBatchOfRetryableWrites(BsonDocument entry) {
    return entry.containsKey("multiOpType") && entry.getNumber("multiOpType").intValue() == 1;
  }

  private void applyAll(String shard, List<? extends BsonValue> operations) {
    operations.forEach(each -> apply(shard, each.asDocument()));
  }
}
