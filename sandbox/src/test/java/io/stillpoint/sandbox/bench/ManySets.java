package io.stillpoint.sandbox.bench;

import io.stillpoint.sandbox.cluster.FreePorts;
import io.stillpoint.sandbox.mongod.Mongod;
import io.stillpoint.sandbox.mongod.ServerLog;
import io.stillpoint.sandbox.mongod.config.Options;
import io.stillpoint.sandbox.mongos.SimulatedMongos;
import io.stillpoint.sandbox.wire.CommandException;
import io.stillpoint.sandbox.wire.WireClient;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.bson.BsonDocument;
import org.bson.BsonString;

/**
 * A program: many simulated replica sets of one member each, all in this process, since a process
 * for each would be more than the machine holds. Prints the members' addresses, then {@code ready};
 * ends with its input. {@code busy} and {@code idle} on its input start and stop writers.
 */
final class ManySets {

  static final String CONFIG = "config";

  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final long BETWEEN_WRITES_MILLIS = 250;

  /** A running set. */
  private record Member(String set, int port, Mongod mongod) {
    String address() {
      return "127.0.0.1:" + port;
    }

    void run(String db, BsonDocument command) throws IOException {
      try (WireClient client = WireClient.connect(address(), TIMEOUT)) {
        client.run(db, command, TIMEOUT);
      }
    }
  }

  private final Path directory;
  private final FreePorts ports = new FreePorts();
  private final List<Member> members = new ArrayList<>();
  private volatile boolean busy;

  private ManySets(Path directory) {
    this.directory = directory;
  }

  /** Arguments: a directory and the number of sets; more than one make a sharded cluster. */
  public static void main(String[] args) throws IOException, InterruptedException {
    ManySets sets = new ManySets(Path.of(args[0]));
    PrintStream out = System.out;
    try {
      sets.start(Integer.parseInt(args[1]));
      sets.members.forEach(m -> out.println("member " + m.address()));
      out.println("ready");
      sets.obey();
    } catch (IOException | RuntimeException e) {
      e.printStackTrace(out);
    } finally {
      // Nothing is worth a clean shutdown.
      Runtime.getRuntime().halt(0);
    }
  }

  private void start(int count) throws IOException, InterruptedException {
    if (count == 1) {
      members.add(member("rs0"));
      return;
    }
    Member config = member(CONFIG, "--configsvr");
    members.add(config);
    int router = ports.next();
    startRouter(config, router);
    for (int i = 1; i < count; i++) {
      Member shard = member("rs" + i, "--shardsvr");
      members.add(shard);
      addShard(router, shard);
    }
  }

  private Member member(String set, String... role) throws IOException, InterruptedException {
    int port = ports.next();
    Path dbPath = Files.createDirectories(directory.resolve(set));
    List<String> flags = new ArrayList<>(List.of("--dbpath", dbPath.toString()));
    flags.addAll(List.of("--port", "" + port, "--replSet", set, "--oplogSize", "16"));
    flags.addAll(List.of(role));
    PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    Mongod mongod = Mongod.start(Options.parse(flags, "4.4"), new ServerLog(nowhere));
    Member member = new Member(set, port, mongod);
    member.run(
        "admin",
        BsonDocument.parse(
            "{replSetInitiate: {_id: '%s', %s members: [{_id: 0, host: '%s'}]}}"
                .formatted(set, set.equals(CONFIG) ? "configsvr: true," : "", member.address())));
    while (!mongod.replication().orElseThrow().set().writable()) {
      TimeUnit.MILLISECONDS.sleep(5);
    }
    return member;
  }

  private static void startRouter(Member config, int port) {
    String[] flags = {"--configdb", CONFIG + "/" + config.address(), "--port", "" + port};
    Thread thread =
        new Thread(
            () -> {
              try {
                SimulatedMongos.main(flags);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "mongos");
    thread.setDaemon(true);
    thread.start();
  }

  private static void addShard(int router, Member shard) throws IOException, InterruptedException {
    Stopwatch watch = new Stopwatch();
    watch.until(
        "the router to answer",
        () -> {
          try (WireClient client = WireClient.connect("127.0.0.1:" + router, TIMEOUT)) {
            client.run(
                "admin",
                new BsonDocument("addShard", new BsonString(shard.set() + "/" + shard.address())),
                TIMEOUT);
            return true;
          } catch (IOException e) {
            return false;
          }
        });
  }

  private void obey() throws IOException {
    for (Member member : members) {
      Thread writer = new Thread(() -> write(member), "writer-" + member.set());
      writer.setDaemon(true);
      writer.start();
    }
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      busy = line.equals("busy");
    }
  }

  private void write(Member member) {
    BsonDocument insert =
        BsonDocument.parse("{insert: 'writes', documents: [{text: 'something'}]}");
    try (WireClient client = WireClient.connect(member.address(), TIMEOUT)) {
      while (true) {
        if (busy) {
          client.run("bench", insert, TIMEOUT);
        }
        TimeUnit.MILLISECONDS.sleep(BETWEEN_WRITES_MILLIS);
      }
    } catch (IOException | CommandException e) {
      e.printStackTrace();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
