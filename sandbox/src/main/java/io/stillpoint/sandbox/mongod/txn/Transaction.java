package io.stillpoint.sandbox.mongod.txn;

import io.stillpoint.sandbox.mongod.query.Values;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonValue;

/** A multi-document transaction that is in progress on this node. */
final class Transaction {
  /** A document by namespace and {@code _id}. */
  record Target(String ns, BsonValue id) {
    static Target of(String ns, BsonValue id) {
      return new Target(ns, Values.hashKey(id));
    }
  }

  private final BsonDocument lsid;
  private final long number;
  private final long startedAt = System.nanoTime();
  private final BsonArray operations = new BsonArray();
  private final Map<Target, BsonDocument> written = new LinkedHashMap<>();
  private final Map<Target, BsonDocument> read = new HashMap<>();

  Transaction(BsonDocument lsid, long number) {
    this.lsid = lsid;
    this.number = number;
  }

  BsonDocument lsid() {
    return lsid;
  }

  long number() {
    return number;
  }

  boolean olderThan(long seconds) {
    return System.nanoTime() - startedAt > seconds * 1_000_000_000;
  }

  BsonArray operations() {
    return operations;
  }

  /** What it wrote: the new document, or null where it deleted. */
  Map<Target, BsonDocument> written() {
    return written;
  }

  /** What it has seen of documents that it did not write. */
  Map<Target, BsonDocument> read() {
    return read;
  }
}
