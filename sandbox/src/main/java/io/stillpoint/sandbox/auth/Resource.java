package io.stillpoint.sandbox.auth;

import java.util.Set;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonString;

/**
 * What a privilege is about: the cluster, anything at all, or namespaces. An empty database or
 * collection stands for any.
 */
public record Resource(boolean cluster, boolean anything, String db, String collection) {
  /** Not covered by a privilege on any database. */
  private static final Set<String> INTERNAL = Set.of("local", "config");

  public static final Resource CLUSTER = new Resource(true, false, "", "");
  static final Resource ANYTHING = new Resource(false, true, "", "");
  static final Resource ANY_DATABASE = new Resource(false, false, "", "");

  public static Resource namespace(String db, String collection) {
    return new Resource(false, false, db, collection);
  }

  public static Resource database(String db) {
    return namespace(db, "");
  }

  static Resource parse(BsonDocument document) {
    if (document.containsKey("cluster")) {
      return CLUSTER;
    }
    if (document.containsKey("anyResource")) {
      return ANYTHING;
    }
    return namespace(
        document.getString("db").getValue(), document.getString("collection").getValue());
  }

  BsonDocument toBson() {
    if (cluster) {
      return new BsonDocument("cluster", BsonBoolean.TRUE);
    }
    if (anything) {
      return new BsonDocument("anyResource", BsonBoolean.TRUE);
    }
    return new BsonDocument("db", new BsonString(db))
        .append("collection", new BsonString(collection));
  }

  /** Whether a privilege on this one holds for the target, a single namespace or database. */
  boolean covers(Resource target) {
    if (anything) {
      return true;
    }
    if (cluster || target.cluster) {
      return cluster && target.cluster;
    }
    boolean sameDb = db.isEmpty() ? !INTERNAL.contains(target.db) : db.equals(target.db);
    if (!collection.isEmpty()) {
      return (db.isEmpty() || sameDb) && collection.equals(target.collection);
    }
    return sameDb && !target.collection.startsWith("system.");
  }
}
