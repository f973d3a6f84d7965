package io.stillpoint.sandbox.mongo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.stillpoint.activity.CursorActivities.OpenRequest;
import io.stillpoint.catalog.DirectoryCatalog;
import io.stillpoint.catalog.FileEntry;
import io.stillpoint.catalog.FileLists;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.BackupCursor;
import io.stillpoint.model.ClusterTime;
import io.stillpoint.model.ReplicaSetRole;
import io.stillpoint.mongo.BackupCursors;
import io.stillpoint.mongo.ClusterSettings;
import io.stillpoint.mongo.MongoConnections;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.bson.BsonDocument;
import org.bson.UuidRepresentation;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What exactly is sent to servers, and what is made of their rarer answers. */
final class BackupCursorsTest {

  private static final String METADATA =
      "{metadata:{backupId:{$uuid:'00112233-4455-6677-8899-aabbccddeeff'},dbpath:'/data/db',"
          + "oplogStart:{ts:{$timestamp:{t:90,i:1}},t:{$numberLong:'1'}},"
          + "oplogEnd:{ts:{$timestamp:{t:100,i:1}},t:{$numberLong:'1'}},"
          + "checkpointTimestamp:{$timestamp:{t:95,i:2}}}}";
  private static final String OPENED =
      "{ok:1,cursor:{id:{$numberLong:'7'},ns:'admin.$cmd.aggregate',firstBatch:["
          + METADATA
          + ",{filename:'/data/db/WiredTiger',fileSize:{$numberLong:'50'}}]}}";
  private static final String REST =
      "{ok:1,cursor:{id:{$numberLong:'7'},ns:'admin.$cmd.aggregate',nextBatch:["
          + "{filename:'/data/db/WiredTiger.backup',fileSize:{$numberLong:'10'}},"
          + "{filename:'/data/db/_mdb_catalog.wt',fileSize:{$numberLong:'10'}},"
          + "{filename:'/data/db/sizeStorer.wt',fileSize:{$numberLong:'10'}},"
          + "{filename:'/data/db/journal/WiredTigerLog.0000000003',fileSize:{$numberLong:'20'}}]}}";
  private static final String END =
      "{ok:1,cursor:{id:{$numberLong:'7'},ns:'admin.$cmd.aggregate',nextBatch:[]}}";
  private static final String NOTHING_OPEN =
      "{ok:1,cursor:{id:{$numberLong:'0'},ns:'admin.$cmd.aggregate',firstBatch:[]}}";
  private static final String KILLED = "{ok:1,cursorsKilled:[{$numberLong:'7'}],cursorsAlive:[]}";

  private final ScriptedServer server = new ScriptedServer();
  @TempDir private Path root;
  private FileLists lists;
  private MongoConnections connections;
  private BackupCursors cursors;

  @BeforeEach
  void connect() {
    server
        .on("$currentOp", NOTHING_OPEN)
        .on("$backupCursor", OPENED)
        .on("killCursors", KILLED)
        .inTurn("getMore", REST, END);
    lists = new DirectoryCatalog(root, Clock.systemUTC()).fileLists();
    connections = newConnections();
    cursors = new BackupCursors(connections, lists, Duration.ofMillis(700));
  }

  @AfterEach
  void close() {
    connections.close();
    server.close();
  }

  @Test
  void shouldDrainTheWholeListIntoTheCatalog() {
    BackupCursor cursor = cursors.open(request(1), 1);

    assertThat(cursor.cursorId()).isEqualTo(7);
    assertThat(cursor.cursorBackupId()).isEqualTo("00112233-4455-6677-8899-aabbccddeeff");
    assertThat(cursor.checkpoint()).isEqualTo(new ClusterTime(95, 2));
    assertThat(cursor.oplogEnd()).isEqualTo(new ClusterTime(100, 1));
    try (Stream<FileEntry> entries = lists.entries("shop-1", cursor.files())) {
      assertThat(entries)
          .containsExactlyInAnyOrder(
              new FileEntry("WiredTiger", 50),
              new FileEntry("WiredTiger.backup", 10),
              new FileEntry("_mdb_catalog.wt", 10),
              new FileEntry("sizeStorer.wt", 10),
              new FileEntry("journal/WiredTigerLog.0000000003", 20),
              new FileEntry("storage.bson", FileEntry.OPTIONAL));
    }
  }

  @Test
  void shouldLeaveTheCursorsOfAMemberOutsideItsSetToTheServer() {
    server.on(
        "$currentOp", "{ok:0,code:13436,errmsg:'node is not in primary or recovering state'}");

    assertThat(cursors.closeOrphans(request(1))).isZero();
    assertThat(server.received("$currentOp")).hasSizeGreaterThan(1);
  }

  @Test
  void shouldContinueWithTheSameSessionFromAnotherClient() {
    BackupCursor cursor = cursors.open(request(1), 1);
    connections.close();

    try (MongoConnections second = newConnections()) {
      new BackupCursors(second, lists).touch(cursor);
    }

    assertThat(server.received("$backupCursor"))
        .extracting(c -> sessionOf(c))
        .containsExactly(cursor.sessionId());
    assertThat(server.received("getMore"))
        .hasSize(3)
        .allSatisfy(c -> assertThat(sessionOf(c)).isEqualTo(cursor.sessionId()))
        .allSatisfy(c -> assertThat(c).doesNotContainKey("maxTimeMS"));
    assertThat(server.received("endSessions"))
        .noneMatch(c -> c.toJson().contains(cursor.sessionId()));
  }

  @Test
  void shouldOpenAgainWhenACheckpointCameInBetween() {
    server.inTurn(
        "$backupCursor",
        "{ok:0,code:50915,errmsg:'A checkpoint took place while opening a backup cursor.'}",
        "{ok:0,code:50917,errmsg:'Oplog rolled over while establishing the backup cursor.'}",
        OPENED);

    assertThat(cursors.open(request(1), 1).cursorId()).isEqualTo(7);
    assertThat(server.received("$backupCursor")).hasSize(3);
  }

  @Test
  void shouldGiveUpWhenCheckpointsNeverStop() {
    server.on(
        "$backupCursor",
        "{ok:0,code:50915,errmsg:'A checkpoint took place while opening a backup cursor.'}");

    assertThat(failureOfOpen(1).code()).isEqualTo(ErrorCode.MONGO_COMMAND_FAILED);
    assertThat(server.received("$backupCursor")).hasSizeGreaterThan(1);
  }

  @Test
  void shouldNotTouchSomebodyElsesCursor() {
    busy("comment:'nightly backup of another tool'", 600);

    StillpointException refused = failureOfOpen(1);

    assertThat(refused.code()).isEqualTo(ErrorCode.CURSOR_BUSY);
    assertThat(refused.text()).contains("nightly backup of another tool", server.address());
    assertThat(server.received("killCursors")).isEmpty();
  }

  @Test
  void shouldCloseWhatAnEarlierTryLeft() {
    server.inTurn("$currentOp", open(comment("shop-1", 1, 1), 0), NOTHING_OPEN);

    cursors.open(request(1), 2);

    assertThat(server.received("killCursors"))
        .singleElement()
        .satisfies(c -> assertThat(c.toJson()).contains("99"));
  }

  @Test
  void shouldNotCloseTheCursorOfTheTryThatReplacedThisOne() {
    busy(comment("shop-1", 1, 2), 0);

    assertThat(failureOfOpen(1).code()).isEqualTo(ErrorCode.CURSOR_BUSY);
    assertThat(server.received("killCursors")).isEmpty();
  }

  @Test
  void shouldCloseWhatAnotherOperationAbandonedButNotWhatItUses() {
    busy(comment("shop-0", 1, 1), 30);
    assertThat(failureOfOpen(1).code()).isEqualTo(ErrorCode.CURSOR_BUSY);
    assertThat(server.received("killCursors")).isEmpty();

    server.on("$backupCursor", OPENED);
    server.inTurn("$currentOp", open(comment("shop-0", 1, 1), 600), NOTHING_OPEN);
    cursors.open(request(1), 1);
    assertThat(server.received("killCursors")).hasSize(1);
  }

  @Test
  void shouldCloseTheCursorWhoseListCouldNotBeRead() {
    server.on("getMore", "{ok:0,code:50,errmsg:'operation exceeded time limit'}");

    assertThat(failureOfOpen(1).code()).isEqualTo(ErrorCode.MONGO_COMMAND_FAILED);
    assertThat(server.received("killCursors")).hasSize(1);
  }

  @Test
  void shouldRefuseAListThatLacksWhatRecoveryNeeds() {
    server.inTurn("getMore", REST.replace("WiredTiger.backup", "collection-0-1.wt"), END);

    StillpointException refused = failureOfOpen(1);

    assertThat(refused.getMessage()).contains("WiredTiger.backup");
    assertThat(server.received("killCursors")).hasSize(1);
  }

  @Test
  void shouldCallACursorLostThatTheServerDoesNotKnow() {
    BackupCursor cursor = cursors.open(request(1), 1);
    server.on("getMore", "{ok:0,code:43,errmsg:'cursor id 7 not found'}");

    StillpointException lost =
        catchThrowableOfType(StillpointException.class, () -> cursors.touch(cursor));

    assertThat(lost.code()).isEqualTo(ErrorCode.CURSOR_LOST);
  }

  @Test
  void shouldNotCallACursorLostThatIsInUse() {
    BackupCursor cursor = cursors.open(request(1), 1);
    server.on("getMore", "{ok:0,code:143,errmsg:'cursor id 7 is already in use'}");

    StillpointException busy =
        catchThrowableOfType(StillpointException.class, () -> cursors.touch(cursor));

    assertThat(busy.code()).isEqualTo(ErrorCode.MONGO_COMMAND_FAILED);
    assertThat(busy.code().retryable()).isTrue();
  }

  @Test
  void shouldSayWhetherThisCallClosedTheCursor() {
    BackupCursor cursor = cursors.open(request(1), 1);
    assertThat(cursors.close(cursor)).isTrue();
    server.on("killCursors", "{ok:1,cursorsKilled:[],cursorsNotFound:[{$numberLong:'7'}]}");
    assertThat(cursors.close(cursor)).isFalse();
  }

  @Test
  void shouldRefuseAMemberOfAnotherSet() {
    OpenRequest other =
        new OpenRequest("shop", "shop-1", 1, "rs9", "rs9", ReplicaSetRole.SHARD, server.address());
    StillpointException refused =
        catchThrowableOfType(StillpointException.class, () -> cursors.open(other, 1));
    assertThat(refused.getMessage()).contains("rs9", "rs0");
    assertThat(server.received("$backupCursor")).isEmpty();
  }

  private StillpointException failureOfOpen(int tryNumber) {
    return catchThrowableOfType(
        StillpointException.class, () -> cursors.open(request(1), tryNumber));
  }

  private void busy(String comment, int idleSeconds) {
    server.on(
        "$backupCursor",
        "{ok:0,code:50886,errmsg:'The existing backup cursor must be closed before $backupCursor"
            + " can succeed.'}");
    server.on("$currentOp", open(comment, idleSeconds));
  }

  private static String comment(String operation, int attempt, int tryNumber) {
    return "comment:{owner:'stillpoint',cluster:'shop',operation:'%s',attempt:%d,try:%d}"
        .formatted(operation, attempt, tryNumber);
  }

  private static String open(String comment, int idleSeconds) {
    return ("{ok:1,cursor:{id:{$numberLong:'0'},ns:'admin.$cmd.aggregate',firstBatch:[{"
            + "type:'idleCursor',cursor:{cursorId:{$numberLong:'99'},"
            + "lastAccessDate:{$date:{$numberLong:'%d'}},"
            + "originatingCommand:{aggregate:1,pipeline:[{$backupCursor:{}}],%s}}}]}}")
        .formatted(1700000600000L - idleSeconds * 1000L, comment);
  }

  private OpenRequest request(int attempt) {
    return new OpenRequest(
        "shop", "shop-1", attempt, "rs0", "rs0", ReplicaSetRole.REPLICA_SET, server.address());
  }

  private MongoConnections newConnections() {
    return new MongoConnections(
        List.of(new ClusterSettings("shop", "mongodb://" + server.address(), List.of())));
  }

  private static String sessionOf(BsonDocument command) {
    return command
        .getDocument("lsid")
        .getBinary("id")
        .asUuid(UuidRepresentation.STANDARD)
        .toString();
  }
}
