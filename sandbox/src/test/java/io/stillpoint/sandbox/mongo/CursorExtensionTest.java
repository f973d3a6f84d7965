package io.stillpoint.sandbox.mongo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.stillpoint.activity.CursorActivities.OpenRequest;
import io.stillpoint.activity.CursorActivities.Point;
import io.stillpoint.catalog.DirectoryCatalog;
import io.stillpoint.catalog.FileEntry;
import io.stillpoint.catalog.FileListWriter;
import io.stillpoint.catalog.FileLists;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.BackupCursor;
import io.stillpoint.model.ClusterTime;
import io.stillpoint.model.FileListRef;
import io.stillpoint.model.ReplicaSetRole;
import io.stillpoint.mongo.ClusterSettings;
import io.stillpoint.mongo.CursorExtension;
import io.stillpoint.mongo.MongoConnections;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.bson.BsonDocument;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CursorExtensionTest {

  private static final ClusterTime POINT = new ClusterTime(200, 7);
  private static final String GOSSIP =
      "{clusterTime:{$timestamp:{t:200,i:9}},signature:{hash:{$binary:{base64:"
          + "'AAAAAAAAAAAAAAAAAAAAAAAAAAA=',subType:'00'}},keyId:{$numberLong:'0'}}}";
  private static final String NEW_JOURNAL =
      "{ok:1,cursor:{id:{$numberLong:'0'},ns:'admin.$cmd.aggregate',firstBatch:["
          + "{filename:'/data/db/journal/WiredTigerLog.0000000003'},"
          + "{filename:'/data/db/journal/WiredTigerLog.0000000004'}]}}";

  private final ScriptedServer server = new ScriptedServer();
  @TempDir private Path root;
  private FileLists lists;
  private MongoConnections connections;
  private BackupCursor cursor;

  @BeforeEach
  void connect() {
    server.on("appendOplogNote", "{ok:1}").on("$backupCursorExtend", NEW_JOURNAL);
    lists = new DirectoryCatalog(root, Clock.systemUTC()).fileLists();
    connections =
        new MongoConnections(
            List.of(new ClusterSettings("shop", "mongodb://" + server.address(), List.of())));
    FileListRef list;
    try (FileListWriter writer = lists.writer("shop-1", "rs0", 1)) {
      writer.add("WiredTiger.backup", 10);
      writer.add("journal/WiredTigerLog.0000000003", 20);
      list = writer.finish();
    }
    cursor =
        new BackupCursor(
            "shop",
            "rs0",
            server.address(),
            7,
            UUID.randomUUID().toString(),
            "00112233-4455-6677-8899-aabbccddeeff",
            "/data/db",
            new ClusterTime(95, 2),
            new ClusterTime(90, 1),
            new ClusterTime(100, 1),
            list);
  }

  @AfterEach
  void close() {
    connections.close();
    server.close();
  }

  @Test
  void shouldExtendOnlyAfterCommittedAppliedAndDurableReachedThePoint() {
    server.inTurn(
        "replSetGetStatus",
        optimes("199,1", "199,1", "199,1"),
        optimes("200,7", "200,8", "200,6"),
        optimes("200,7", "200,6", "200,8"),
        optimes("200,6", "200,8", "200,8"),
        optimes("200,7", "200,7", "200,7"));

    extend(Duration.ofSeconds(20));

    assertThat(server.received("replSetGetStatus")).hasSize(5);
    assertThat(server.received("$backupCursorExtend"))
        .singleElement()
        .satisfies(
            c -> {
              assertThat(c).doesNotContainKey("maxTimeMS");
              BsonDocument stage =
                  c.getArray("pipeline").get(0).asDocument().getDocument("$backupCursorExtend");
              assertThat(stage.getTimestamp("timestamp").getTime()).isEqualTo(200);
              assertThat(stage.getTimestamp("timestamp").getInc()).isEqualTo(7);
              assertThat(stage.getBinary("backupId").getType()).isEqualTo((byte) 4);
            });
  }

  @Test
  void shouldPassTheHighestClusterTimeOnUnchangedWithADurableNote() {
    server.inTurn(
        "replSetGetStatus", optimes("100,5", "100,5", "100,5"), optimes("200,9", "200,9", "200,9"));

    extend(Duration.ofSeconds(20));

    assertThat(server.received("appendOplogNote"))
        .singleElement()
        .satisfies(
            c -> {
              assertThat(c.getDocument("$clusterTime")).isEqualTo(BsonDocument.parse(GOSSIP));
              assertThat(c.getDocument("writeConcern").getString("w").getValue())
                  .isEqualTo("majority");
              assertThat(c.getDocument("writeConcern").getBoolean("j").getValue()).isTrue();
            });
  }

  @Test
  void shouldNotWriteToASetThatReachedThePointByItself() {
    server.on("replSetGetStatus", optimes("200,7", "200,7", "200,7"));
    extend(Duration.ofSeconds(20));
    assertThat(server.received("appendOplogNote")).isEmpty();
  }

  @Test
  void shouldAddTheJournalWithoutForgettingListedSizes() {
    server.on("replSetGetStatus", optimes("200,7", "200,7", "200,7"));

    FileListRef once = extend(Duration.ofSeconds(20));
    FileListRef twice = extend(Duration.ofSeconds(20));

    assertThat(twice).isEqualTo(once);
    try (Stream<FileEntry> entries = lists.entries("shop-1", once)) {
      assertThat(entries)
          .containsExactly(
              new FileEntry("WiredTiger.backup", 10),
              new FileEntry("journal/WiredTigerLog.0000000003", 20),
              new FileEntry("journal/WiredTigerLog.0000000004", 0));
    }
  }

  @Test
  void shouldRefuseInsteadOfExtendingToAPointThatIsNotReached() {
    server.on("replSetGetStatus", optimes("199,1", "250,1", "250,1"));

    StillpointException refused =
        catchThrowableOfType(StillpointException.class, () -> extend(Duration.ofMillis(50)));

    assertThat(refused.code()).isEqualTo(ErrorCode.POINT_NOT_REACHED);
    assertThat(refused.getMessage()).contains("200,7", "199,1");
    assertThat(server.received("$backupCursorExtend")).isEmpty();
  }

  @Test
  void shouldCallACursorLostThatAnotherBackupReplaced() {
    server
        .on("replSetGetStatus", optimes("200,7", "200,7", "200,7"))
        .on(
            "$backupCursorExtend",
            "{ok:0,code:29094,errmsg:'backupId provided to $backupCursorExtend does not match"
                + " active backup'}");

    StillpointException lost =
        catchThrowableOfType(StillpointException.class, () -> extend(Duration.ofSeconds(20)));

    assertThat(lost.code()).isEqualTo(ErrorCode.CURSOR_LOST);
  }

  private FileListRef extend(Duration deadline) {
    OpenRequest request =
        new OpenRequest(
            "shop", "shop-1", 1, "rs0", "rs0", ReplicaSetRole.REPLICA_SET, server.address());
    return new CursorExtension(connections, lists, deadline)
        .extend(request, cursor, new Point(POINT, GOSSIP, List.of()), () -> {});
  }

  private static String optimes(String committed, String applied, String durable) {
    return "{ok:1,optimes:{lastCommittedOpTime:%s,appliedOpTime:%s,durableOpTime:%s}}"
        .formatted(optime(committed), optime(applied), optime(durable));
  }

  private static String optime(String time) {
    ClusterTime parsed = ClusterTime.parse(time);
    return "{ts:{$timestamp:{t:%d,i:%d}},t:{$numberLong:'1'}}"
        .formatted(parsed.seconds(), parsed.increment());
  }
}
