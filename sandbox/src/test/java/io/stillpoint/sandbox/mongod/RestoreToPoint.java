package io.stillpoint.sandbox.mongod;

import io.stillpoint.sandbox.mongod.repl.MemberState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.bson.BsonDocument;
import org.bson.BsonTimestamp;

/**
 * The recipe of a restore: a temporary start as standalone, the edits, the start as a member.
 *
 * @param standaloneError what ended the temporary start
 * @param memberError what ended the ordinary start
 * @param documents how many there are then
 * @param later how many are in the collection that was made after T
 */
record RestoreToPoint(
    Optional<FatalError> standaloneError,
    Optional<FatalError> memberError,
    int documents,
    int later,
    long oplogEntriesUpToT,
    String log) {

  static final List<String> TO_DELETE =
      List.of(
          "mongod.lock",
          "ongoingBackup.lock",
          "WiredTiger.lock",
          "WiredTiger.turtle",
          "WiredTiger.wt");

  boolean logged(int id) {
    return log.contains("\"id\": " + id + ",");
  }

  static void deleteTheFive(Path directory) {
    TO_DELETE.forEach(name -> delete(directory.resolve(name)));
  }

  static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The steps of the recipe that somebody may forget. */
  enum Step {
    /** What the copied member was in the middle of is forgotten. */
    RESET_MINVALID,
    /** The oplog will be cut after T. */
    TRUNCATE
  }

  static RestoreToPoint run(Path directory, int port, BsonTimestamp t, String... flags) {
    return run(directory, port, t, EnumSet.allOf(Step.class), flags);
  }

  /**
   * @param flags for both starts, such as the version to simulate
   */
  static RestoreToPoint run(
      Path directory, int port, BsonTimestamp t, Set<Step> steps, String... flags) {
    TestServer.Start standalone =
        TestServer.tryStart(
            directory,
            port,
            with(flags, "--setParameter", "disableLogicalSessionCacheRefresh=true"));
    if (standalone.server().isEmpty()) {
      return new RestoreToPoint(standalone.error(), Optional.empty(), -1, -1, -1, standalone.log());
    }
    String log = finish(standalone.server().get(), t, steps);
    TestServer.Start member = TestServer.tryStart(directory, port, with(flags, "--replSet", "rs0"));
    log += member.log();
    if (member.server().isEmpty()) {
      return new RestoreToPoint(Optional.empty(), member.error(), -1, -1, -1, log);
    }
    try (TestServer restored = member.server().get()) {
      long entries = -1;
      boolean waits =
          restored.mongod().replication().orElseThrow().set().state() == MemberState.RECOVERING;
      if (!waits && restored.mongod().replication().orElseThrow().set().config() != null) {
        restored.awaitPrimary();
        entries =
            restored
                .run(
                    "local",
                    new BsonDocument("count", new org.bson.BsonString("oplog.rs"))
                        .append("query", new BsonDocument("ts", new BsonDocument("$lte", t))))
                .getNumber("n")
                .longValue();
      }
      boolean primary = restored.mongod().replication().orElseThrow().set().writable();
      return new RestoreToPoint(
          Optional.empty(),
          Optional.empty(),
          primary ? restored.count("c") : 0,
          primary ? restored.count("later") : 0,
          entries,
          log + restored.log());
    }
  }

  /** Only the temporary start with its edits, which must succeed. */
  static void prepare(Path directory, int port, BsonTimestamp t, Set<Step> steps) {
    finish(TestServer.start(directory, port), t, steps);
  }

  private static String finish(TestServer standalone, BsonTimestamp t, Set<Step> steps) {
    edit(standalone, t, steps);
    standalone.stop();
    return standalone.log();
  }

  private static String[] with(String[] flags, String... more) {
    return Stream.concat(Stream.of(flags), Stream.of(more)).toArray(String[]::new);
  }

  private static void edit(TestServer server, BsonTimestamp t, Set<Step> steps) {
    if (steps.contains(Step.RESET_MINVALID)) {
      resetMinvalid(server);
    }
    if (steps.contains(Step.TRUNCATE)) {
      truncateAt(server, t);
    }
  }

  private static void resetMinvalid(TestServer server) {
    for (String name : List.of("replset.minvalid", "replset.election")) {
      server.run("local", "{delete: '" + name + "', deletes: [{q: {}, limit: 0}]}");
    }
    server.run(
        "local",
        "{insert: 'replset.minvalid', documents: [{t: {$numberLong: '-1'}, ts: {$timestamp: {t: 0,"
            + " i: 1}}}]}");
  }

  private static void truncateAt(TestServer server, BsonTimestamp t) {
    server.run(
        "local", "{delete: 'replset.oplogTruncateAfterPoint', deletes: [{q: {}, limit: 0}]}");
    server.run(
        "local",
        BsonDocument.parse("{insert: 'replset.oplogTruncateAfterPoint'}")
            .append(
                "documents",
                new org.bson.BsonArray(
                    List.of(
                        BsonDocument.parse("{_id: 'oplogTruncateAfterPoint'}")
                            .append("oplogTruncateAfterPoint", t)))));
  }
}
