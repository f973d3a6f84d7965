package io.stillpoint.mongo;

import com.mongodb.MongoException;
import com.mongodb.ReadPreference;
import com.mongodb.client.ClientSession;
import com.mongodb.client.MongoClient;
import io.stillpoint.error.StillpointException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonString;

/**
 * A direct connection to one server. Sends plain commands only: the driver repeats none of them,
 * and it adds no time limit to a getMore. Every failure is a {@link StillpointException}; if the
 * server itself refused, its cause is a {@link CommandFailedException}.
 */
public final class ServerConnection {

  private final String address;
  private final MongoClient client;

  ServerConnection(String address, MongoClient client) {
    this.address = address;
    this.client = client;
  }

  /** host:port. */
  public String address() {
    return address;
  }

  /** Runs a command and returns the whole reply. A reply with write errors counts as a failure. */
  public BsonDocument run(String database, BsonDocument command) {
    try {
      return checked(
          command,
          client
              .getDatabase(database)
              .runCommand(command, ReadPreference.primaryPreferred(), BsonDocument.class));
    } catch (MongoException e) {
      throw ServerErrors.translate(address, nameOf(command), e);
    }
  }

  /** As {@link #run(String, BsonDocument)}, within a session. */
  public BsonDocument run(ClientSession session, String database, BsonDocument command) {
    try {
      return checked(
          command,
          client
              .getDatabase(database)
              .runCommand(session, command, ReadPreference.primaryPreferred(), BsonDocument.class));
    } catch (MongoException e) {
      throw ServerErrors.translate(address, nameOf(command), e);
    }
  }

  public BsonDocument admin(BsonDocument command) {
    return run("admin", command);
  }

  public BsonDocument admin(String command) {
    return admin(new BsonDocument(command, new BsonInt32(1)));
  }

  /** hello, or isMaster on servers that do not know it. */
  public BsonDocument hello() {
    try {
      return admin("hello");
    } catch (StillpointException e) {
      if (ServerErrors.codeOf(e) != ServerErrors.COMMAND_NOT_FOUND) {
        throw e;
      }
      return admin("isMaster");
    }
  }

  /** All documents of a find command's result. */
  public List<BsonDocument> find(String database, BsonDocument command) {
    return drain(database, run(database, command));
  }

  /** All documents that match; for small collections. */
  public List<BsonDocument> find(String database, String collection, BsonDocument filter) {
    return find(
        database, new BsonDocument("find", new BsonString(collection)).append("filter", filter));
  }

  public Optional<BsonDocument> findOne(String database, String collection, BsonDocument filter) {
    return find(
            database,
            new BsonDocument("find", new BsonString(collection))
                .append("filter", filter)
                .append("limit", new BsonInt32(1))
                .append("singleBatch", org.bson.BsonBoolean.TRUE))
        .stream()
        .findFirst();
  }

  /** All documents of an aggregate command's result. */
  public List<BsonDocument> aggregate(String database, BsonDocument command) {
    return drain(database, run(database, command));
  }

  /** A session whose identifier is ours to choose; see {@link HandedOverSession}. */
  ClientSession session(UUID id) {
    return HandedOverSession.of(client, id);
  }

  /** A session that tells the server of a cluster time, as an ordinary client's gossip does. */
  ClientSession gossip(BsonDocument clusterTime) {
    ClientSession session = HandedOverSession.of(client, UUID.randomUUID());
    if (!clusterTime.isEmpty()) {
      session.advanceClusterTime(clusterTime);
    }
    return session;
  }

  private List<BsonDocument> drain(String database, BsonDocument first) {
    List<BsonDocument> all = new ArrayList<>(BsonFields.documents(first, "cursor.firstBatch"));
    String namespace = BsonFields.string(first, "cursor.ns");
    String collection = namespace.substring(namespace.indexOf('.') + 1);
    long id = BsonFields.integer(first, "cursor.id");
    while (id != 0) {
      BsonDocument reply =
          run(
              database,
              new BsonDocument("getMore", new BsonInt64(id))
                  .append("collection", new BsonString(collection)));
      all.addAll(BsonFields.documents(reply, "cursor.nextBatch"));
      id = BsonFields.integer(reply, "cursor.id");
    }
    return all;
  }

  private BsonDocument checked(BsonDocument command, BsonDocument reply) {
    BsonFields.documents(reply, "writeErrors").stream()
        .findFirst()
        .ifPresent(
            e -> {
              throw ServerErrors.refused(
                  address,
                  nameOf(command),
                  (int) BsonFields.integer(e, "code"),
                  BsonFields.string(e, "errmsg"));
            });
    return reply;
  }

  /** The command's name, or that of the first stage of an aggregation without a collection. */
  private static String nameOf(BsonDocument command) {
    return BsonFields.documents(command, "pipeline").stream()
        .findFirst()
        .filter(stage -> command.get("aggregate").isNumber())
        .map(BsonDocument::getFirstKey)
        .orElseGet(command::getFirstKey);
  }
}
