package io.stillpoint.sandbox.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillpoint.sandbox.auth.ScramLogin;
import io.stillpoint.sandbox.cluster.LocalServer;
import io.stillpoint.sandbox.wire.CommandException;
import io.stillpoint.sandbox.wire.WireClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonObjectId;
import org.bson.BsonString;
import org.bson.BsonTimestamp;
import org.bson.types.ObjectId;

/** A server under test and a connection to it without a session. */
final class Node implements AutoCloseable {
  static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final int ATTEMPTS = 10;
  private static final List<Integer> TRANSIENT = List.of(50915, 50917);

  private final LocalServer server;
  private final ScramLogin login;
  private WireClient connection;

  Node(LocalServer server) {
    this(server, null);
  }

  /**
   * @param login null for nobody
   */
  Node(LocalServer server, ScramLogin login) {
    this.server = server;
    this.login = login;
    this.connection = connect();
  }

  LocalServer server() {
    return server;
  }

  WireClient connect() {
    try {
      WireClient client = WireClient.connect(server.address(), TIMEOUT);
      if (login != null) {
        login.run(client, TIMEOUT);
      }
      return client;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Drops the connection without a word and makes a new one. */
  void reconnect() {
    connection.close();
    connection = connect();
  }

  BsonDocument run(String db, BsonDocument command) {
    try {
      return connection.run(db, command, TIMEOUT);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  BsonDocument run(String json) {
    return run("admin", BsonDocument.parse(json));
  }

  void assertFails(BsonDocument command, int code, String fragment) {
    assertFails("admin", command, code, fragment);
  }

  /** Expects an error reply with the code, and a message that contains the fragment. */
  void assertFails(String db, BsonDocument command, int code, String fragment) {
    BsonDocument reply;
    try {
      reply = connection.send(db, command, TIMEOUT);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    assertThat(reply.getNumber("ok").intValue()).as(reply.toJson()).isZero();
    assertThat(reply.getNumber("code", new BsonInt32(0)).intValue())
        .as(reply.toJson())
        .isEqualTo(code);
    assertThat(reply.getString("errmsg").getValue()).contains(fragment);
  }

  ServerVersion version() {
    return ServerVersion.parse(run("{buildInfo: 1}").getString("version").getValue());
  }

  boolean isBackupOpen() {
    return run("{serverStatus: 1}")
        .getDocument("storageEngine")
        .getBoolean("backupCursorOpen")
        .getValue();
  }

  static BsonDocument openCommand(BsonDocument options) {
    return command(new BsonDocument("$backupCursor", options));
  }

  static BsonDocument command(BsonDocument... stages) {
    return new BsonDocument("aggregate", new BsonInt32(1))
        .append("pipeline", new BsonArray(List.of(stages)))
        .append("cursor", new BsonDocument())
        .append("comment", new BsonString("t"))
        .append("$readPreference", BsonDocument.parse("{mode: 'secondaryPreferred'}"));
  }

  Backup open() {
    return open(openCommand(new BsonDocument()));
  }

  Backup open(BsonDocument command) {
    return open("admin", command);
  }

  /** Opens, and tries again when a checkpoint came between, as every client has to. */
  Backup open(String db, BsonDocument command) {
    for (int attempt = 1; ; attempt++) {
      try {
        BsonDocument reply = run(db, command);
        return new Backup(this, reply.getDocument("cursor"), command.get("lsid"));
      } catch (CommandException e) {
        if (!TRANSIENT.contains(e.code()) || attempt == ATTEMPTS) {
          throw e;
        }
        insert();
      }
    }
  }

  /** Inserts a document and gives the cluster time of the write. */
  BsonTimestamp insert() {
    BsonDocument document = new BsonDocument("_id", new BsonObjectId(new ObjectId()));
    BsonDocument reply = insert("contract", document);
    return reply.isTimestamp("operationTime") ? reply.getTimestamp("operationTime") : null;
  }

  BsonDocument insert(String collection, BsonDocument... documents) {
    return run(
        "contract",
        new BsonDocument("insert", new BsonString(collection))
            .append("documents", new BsonArray(List.of(documents)))
            .append("writeConcern", BsonDocument.parse("{w: 'majority', j: true}")));
  }

  List<BsonDocument> find(String db, String collection) {
    return run(
            db,
            new BsonDocument("find", new BsonString(collection))
                .append("batchSize", new BsonInt32(100_000))
                .append("$readPreference", BsonDocument.parse("{mode: 'secondaryPreferred'}")))
        .getDocument("cursor")
        .getArray("firstBatch")
        .stream()
        .map(each -> each.asDocument())
        .toList();
  }

  void setParameter(String name, int value) {
    run(
        "admin",
        new BsonDocument("setParameter", new BsonInt32(1)).append(name, new BsonInt32(value)));
  }

  @Override
  public void close() {
    connection.close();
  }
}
