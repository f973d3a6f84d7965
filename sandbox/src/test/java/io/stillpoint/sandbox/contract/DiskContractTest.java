package io.stillpoint.sandbox.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.stillpoint.sandbox.cluster.ClusterSpec;
import io.stillpoint.sandbox.cluster.LocalCluster;
import io.stillpoint.sandbox.cluster.LocalServer;
import io.stillpoint.sandbox.cluster.ServerPrograms;
import io.stillpoint.sandbox.wire.CommandException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;
import org.bson.BsonTimestamp;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract's rows "Disk / restore": copies of a data directory and what comes back of them. */
@Contract
@Tag("versions")
class DiskContractTest {
  private static final Set<String> DELETED =
      Set.of(
          "mongod.lock",
          "ongoingBackup.lock",
          "WiredTiger.lock",
          "WiredTiger.turtle",
          "WiredTiger.wt");
  private static final List<String> QUIET =
      List.of("--setParameter", "disableLogicalSessionCacheRefresh=true");

  @TempDir Path directory;

  private final ServerPrograms programs = ServerPrograms.fromSystemProperties();
  private final List<LocalServer> started = new ArrayList<>();
  private LocalCluster cluster;
  private Node node;
  private int written;

  @BeforeEach
  void start() {
    cluster =
        LocalCluster.start(
            ClusterSpec.replicaSet(directory.resolve("source"), programs, 1)
                .withElectionTimeoutMillis(2_000)
                .withOplogSizeMb(200));
    node = new Node(cluster.members().get(0));
    write(20);
    node.run("{fsync: 1}");
  }

  @AfterEach
  void stop() {
    started.forEach(LocalServer::kill);
    cluster.close();
  }

  private BsonTimestamp write(int count) {
    BsonTimestamp time = null;
    for (int i = 0; i < count; i++) {
      BsonDocument document = new BsonDocument("_id", new BsonInt32(written++));
      time = node.insert("docs", document).getTimestamp("operationTime");
    }
    return time;
  }

  private Path source() {
    return node.server().dbPath();
  }

  private Path copyAll(String name) throws IOException {
    return copy(name, path -> true);
  }

  private interface Wanted {
    boolean test(Path relative);
  }

  private Path copy(String name, Wanted wanted) throws IOException {
    Path target = directory.resolve(name);
    try (Stream<Path> files = Files.walk(source())) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path relative = source().relativize(file);
        if (wanted.test(relative) && Files.exists(file)) {
          Files.createDirectories(target.resolve(relative).getParent());
          Files.copy(file, target.resolve(relative));
        }
      }
    }
    Files.createDirectories(target.resolve("journal"));
    return target;
  }

  private static void prepare(Path copy) throws IOException {
    for (String name : DELETED) {
      Files.deleteIfExists(copy.resolve(name));
    }
  }

  private LocalServer server(Path copy, String name, List<String> flags) {
    LocalServer server =
        LocalServer.mongod(name, copy, directory.resolve(name + ".log"), programs, flags);
    started.add(server);
    return server;
  }

  private Node start(Path copy, String name, List<String> flags) {
    LocalServer server = server(copy, name, flags);
    server.start();
    return new Node(server);
  }

  /** The attributes of the first log line with this id. */
  private static BsonDocument logged(LocalServer server, int id) {
    return log(server)
        .lines()
        .map(BsonDocument::parse)
        .filter(line -> line.getNumber("id").intValue() == id)
        .findFirst()
        .orElseThrow()
        .getDocument("attr");
  }

  private static String log(LocalServer server) {
    try {
      return Files.readString(server.logPath());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** The measured recipe: a few edits as a standalone, then the start with the set's name. */
  private Node recover(Path copy, BsonTimestamp time) {
    LocalServer member = server(copy, copy.getFileName() + "-member", List.of("--replSet", "rs0"));
    try (Node standalone = start(copy, copy.getFileName() + "-edit", QUIET)) {
      for (String name : List.of("minvalid", "oplogTruncateAfterPoint", "election")) {
        clear(standalone, "replset." + name);
      }
      insert(
          standalone,
          "replset.minvalid",
          BsonDocument.parse(
              "{_id: {$oid: '5f0000000000000000000000'}, t: {$numberLong: '-1'},"
                  + " ts: {$timestamp: {t: 0, i: 1}}}"));
      insert(
          standalone,
          "replset.oplogTruncateAfterPoint",
          BsonDocument.parse("{_id: 'oplogTruncateAfterPoint'}")
              .append("oplogTruncateAfterPoint", time));
      BsonDocument config = standalone.find("local", "system.replset").get(0);
      config.remove("term");
      config.getArray("members").get(0).asDocument().put("host", new BsonString(member.address()));
      clear(standalone, "system.replset");
      insert(standalone, "system.replset", config);
      standalone.server().stop();
    }
    member.start();
    return new Node(member);
  }

  private static void clear(Node standalone, String collection) {
    standalone.run(
        "local",
        BsonDocument.parse("{delete: '%s', deletes: [{q: {}, limit: 0}]}".formatted(collection)));
  }

  private static void insert(Node standalone, String collection, BsonDocument document) {
    standalone.run(
        "local",
        new BsonDocument("insert", new BsonString(collection))
            .append("documents", new BsonArray(List.of(document))));
  }

  private static List<Integer> ids(Node restored) {
    // 13436 until the member has left its start-up state
    return await()
        .ignoreException(CommandException.class)
        .atMost(Duration.ofSeconds(60))
        .until(
            () ->
                restored.find("contract", "docs").stream()
                    .map(each -> each.getInt32("_id").getValue())
                    .toList(),
            found -> true);
  }

  @Test
  @DisplayName("D1 files that mark an open backup")
  void shouldMarkAnOpenBackupOnDisk() {
    Path mark = source().resolve("ongoingBackup.lock");
    try (Backup backup = node.open()) {
      assertThat(source().resolve("WiredTiger.backup")).exists();
      if (node.version().has("6.0.0")) {
        assertThat(mark).exists();
      } else {
        assertThat(mark).doesNotExist();
      }
      backup.assertAlive();
    }
    assertThat(source().resolve("WiredTiger.backup")).doesNotExist();
    assertThat(mark).doesNotExist();
  }

  @Test
  @DisplayName("D2 listed files alone")
  void shouldStartFromTheListedFiles() throws IOException {
    Path copy;
    BsonTimestamp checkpoint;
    try (Backup backup = node.open()) {
      Set<Path> listed =
          backup.paths().stream().map(source()::relativize).collect(Collectors.toSet());
      checkpoint = backup.metadata().getTimestamp("checkpointTimestamp");
      copy = copy("listed", path -> listed.contains(path) || path.endsWith("storage.bson"));
    }
    Node restored = start(copy, "listed", QUIET);
    assertThat(logged(restored.server(), 23987).getTimestamp("recoveryTimestamp"))
        .isEqualTo(checkpoint);
  }

  @Test
  @DisplayName("D3 D6 whole directory, to a time")
  void shouldRestoreAWholeDirectoryToATime() throws IOException {
    Path copy;
    int expected;
    BsonTimestamp time;
    try (Backup backup = node.open()) {
      backup.files();
      time = write(20);
      expected = written;
      backup.extend(time);
      copy = copy("whole", path -> !path.startsWith("journal"));
      write(20);
      node.run("{fsync: 1}");
      write(10);
      try (Stream<Path> journal = Files.list(source().resolve("journal"))) {
        for (Path file : journal.toList()) {
          Files.copy(file, copy.resolve("journal").resolve(file.getFileName()));
        }
      }
    }
    prepare(copy);
    assertThat(ids(recover(copy, time))).hasSize(expected).allMatch(id -> id < expected);
  }

  @Test
  @OnServers(from = "6.0.0", because = "the trap exists from 6.0 on")
  @DisplayName("D4 whole directory as it is, from 6.0: the trap")
  void shouldEndLateWhenTheMarksAreKept() throws IOException {
    Path copy;
    int expected;
    BsonTimestamp time;
    try (Backup backup = node.open()) {
      backup.files();
      time = write(20);
      expected = written;
      backup.extend(time);
      for (int i = 0; i < 2; i++) {
        write(10);
        node.run("{fsync: 1}");
      }
      copy = copyAll("trap");
    }
    Node restored = recover(copy, time);
    assertThat(ids(restored)).hasSizeGreaterThan(expected);
    assertThat(Files.readString(directory.resolve("trap-edit.log"))).contains("5844600");
    assertThat(log(restored.server())).contains("21556");
  }

  @Test
  @DisplayName("D5 without the journal")
  void shouldEndAtTheCheckpointWithoutTheJournal() throws IOException {
    Path copy;
    int atCheckpoint = written;
    BsonTimestamp time;
    try (Backup backup = node.open()) {
      backup.files();
      time = write(20);
      backup.extend(time);
      copy = copy("nojournal", path -> !path.startsWith("journal"));
    }
    prepare(copy);
    assertThat(ids(recover(copy, time))).hasSize(atCheckpoint);
  }

  @Test
  @DisplayName("D7 cut after the cursor was closed")
  void shouldShowThatTheCursorWasClosed() throws IOException {
    try (Backup backup = node.open()) {
      backup.files();
      backup.extend(write(5));
    }
    Path copy = copyAll("late");
    assertThat(copy.resolve("WiredTiger.backup")).doesNotExist();
  }
}
