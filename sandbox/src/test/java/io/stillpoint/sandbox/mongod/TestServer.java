package io.stillpoint.sandbox.mongod;

import static org.awaitility.Awaitility.await;

import io.stillpoint.sandbox.mongod.config.Options;
import io.stillpoint.sandbox.wire.CommandException;
import io.stillpoint.sandbox.wire.WireClient;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;

/** A simulated server inside the test's JVM. */
final class TestServer implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  private final Mongod mongod;
  private final int port;
  private final ByteArrayOutputStream log;

  private TestServer(Mongod mongod, int port, ByteArrayOutputStream log) {
    this.mongod = mongod;
    this.port = port;
    this.log = log;
  }

  /** What a start ended with: a server, or the error a real process would have ended with. */
  record Start(Optional<TestServer> server, Optional<FatalError> error, String log) {
    boolean logged(int id) {
      return log.contains("\"id\": " + id + ",");
    }
  }

  static Start tryStart(Path dbPath, int port, String... flags) {
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    List<String> arguments =
        new ArrayList<>(List.of("--dbpath", dbPath.toString(), "--port", "" + port));
    arguments.addAll(List.of(flags));
    try {
      Files.createDirectories(dbPath);
      ServerLog serverLog = new ServerLog(new PrintStream(log, true, StandardCharsets.UTF_8));
      Mongod mongod = Mongod.start(Options.parse(arguments, "4.4"), serverLog);
      TestServer server = new TestServer(mongod, port, log);
      return new Start(Optional.of(server), Optional.empty(), server.log());
    } catch (FatalError e) {
      return new Start(Optional.empty(), Optional.of(e), log.toString(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static TestServer start(Path dbPath, int port, String... flags) {
    Start start = tryStart(dbPath, port, flags);
    return start.server().orElseThrow(() -> new AssertionError(start.error() + "\n" + start.log()));
  }

  /** A one-member replica set that is ready for writes. */
  static TestServer primary(Path dbPath, int port, String... flags) {
    List<String> all = new ArrayList<>(List.of("--replSet", "rs0"));
    all.addAll(List.of(flags));
    TestServer server = start(dbPath, port, all.toArray(String[]::new));
    if (!server.mongod.replication().orElseThrow().oplog().exists()) {
      server.run("admin", initiation(port));
    }
    server.awaitPrimary();
    return server;
  }

  static BsonDocument initiation(int... ports) {
    BsonArray members = new BsonArray();
    for (int i = 0; i < ports.length; i++) {
      members.add(
          new BsonDocument("_id", new BsonInt32(i))
              .append("host", new BsonString("127.0.0.1:" + ports[i]))
              .append("priority", new BsonInt32(i == 0 ? 2 : 1)));
    }
    return new BsonDocument(
        "replSetInitiate",
        new BsonDocument("_id", new BsonString("rs0"))
            .append("members", members)
            .append("settings", BsonDocument.parse("{electionTimeoutMillis: 2000}")));
  }

  static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  TestServer awaitPrimary() {
    await()
        .atMost(TIMEOUT)
        .pollInterval(Duration.ofMillis(10))
        .until(() -> mongod.replication().orElseThrow().set().writable());
    return this;
  }

  Mongod mongod() {
    return mongod;
  }

  int port() {
    return port;
  }

  String log() {
    return log.toString(StandardCharsets.UTF_8);
  }

  BsonDocument run(String db, BsonDocument command) {
    BsonDocument reply = send(db, command);
    if (reply.getNumber("ok").intValue() != 1) {
      throw CommandException.of(reply);
    }
    return reply;
  }

  BsonDocument run(String db, String command) {
    return run(db, BsonDocument.parse(command));
  }

  /** The reply, whether it says ok or not. */
  BsonDocument send(String db, BsonDocument command) {
    try (WireClient client = WireClient.connect("127.0.0.1", port, TIMEOUT)) {
      return client.send(db, command, TIMEOUT);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  BsonDocument send(String db, String command) {
    return send(db, BsonDocument.parse(command));
  }

  /** Inserts documents {@code {_id: from} .. {_id: to - 1}}. */
  void insert(String collection, int from, int to) {
    BsonArray documents =
        new BsonArray(
            IntStream.range(from, to)
                .mapToObj(i -> new BsonDocument("_id", new BsonInt32(i)))
                .toList());
    run(
        "test",
        new BsonDocument("insert", new BsonString(collection))
            .append("documents", documents)
            .append("writeConcern", BsonDocument.parse("{w: 'majority'}")));
  }

  /** The number of documents, counted one by one. */
  int count(String collection) {
    BsonArray found =
        run("test", "{aggregate: '" + collection + "', pipeline: [{$count: 'n'}], cursor: {}}")
            .getDocument("cursor")
            .getArray("firstBatch");
    return found.isEmpty() ? 0 : found.get(0).asDocument().getInt32("n").getValue();
  }

  void checkpoint() {
    run("admin", "{fsync: 1}");
  }

  void stop() {
    mongod.shutdown();
  }

  void crash() {
    mongod.crash();
  }

  @Override
  public void close() {
    mongod.crash();
  }
}
