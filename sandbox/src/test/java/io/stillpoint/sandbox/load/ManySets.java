package io.stillpoint.sandbox.load;

import static org.awaitility.Awaitility.await;

import io.stillpoint.sandbox.cluster.FreePorts;
import io.stillpoint.sandbox.mongod.Mongod;
import io.stillpoint.sandbox.mongod.ServerLog;
import io.stillpoint.sandbox.mongod.config.Options;
import io.stillpoint.sandbox.wire.CommandException;
import io.stillpoint.sandbox.wire.WireClient;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.bson.BsonDocument;

/** Simulated replica sets of one member each, as many as one likes, all within the test's JVM. */
final class ManySets implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  private final Path directory;
  private final FreePorts ports = new FreePorts();
  private final List<Mongod> servers = new ArrayList<>();

  /** The only member of a set. */
  record Member(String set, String address, Path dbPath) {

    BsonDocument run(String db, String command) {
      try (WireClient client = WireClient.connect(address, TIMEOUT)) {
        BsonDocument reply = client.send(db, BsonDocument.parse(command), TIMEOUT);
        if (reply.getNumber("ok").intValue() != 1) {
          throw CommandException.of(reply);
        }
        return reply;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    boolean hasOpenBackupCursor() {
      return run("admin", "{serverStatus: 1}")
          .getDocument("storageEngine")
          .getBoolean("backupCursorOpen")
          .getValue();
    }
  }

  ManySets(Path directory) {
    this.directory = directory;
  }

  /** Starts and initiates a set, and waits until it takes writes. */
  Member start(String set, String... flags) {
    int port = ports.next();
    Member member = new Member(set, "127.0.0.1:" + port, directory.resolve(set));
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("--dbpath", member.dbPath().toString(), "--port", "" + port));
    arguments.addAll(List.of("--replSet", set, "--oplogSize", "16"));
    arguments.addAll(List.of(flags));
    PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
    Mongod server;
    try {
      Files.createDirectories(member.dbPath());
      server = Mongod.start(Options.parse(arguments, "4.4"), new ServerLog(nowhere));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    servers.add(server);
    boolean config = List.of(flags).contains("--configsvr");
    member.run(
        "admin",
        "{replSetInitiate: {_id: '%s', version: 1, %s members: [{_id: 0, host: '%s'}]}}"
            .formatted(set, config ? "configsvr: true," : "", member.address()));
    await().atMost(TIMEOUT).until(() -> server.replication().orElseThrow().set().writable());
    return member;
  }

  @Override
  public void close() {
    servers.forEach(Mongod::shutdown);
  }
}
