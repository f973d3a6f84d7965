package io.stillpoint.sandbox.mongod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.stillpoint.sandbox.mongod.BackupSteps.Cursor;
import io.stillpoint.sandbox.mongod.RestoreToPoint.Step;
import io.stillpoint.sandbox.mongod.repl.MemberState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bson.BsonDocument;
import org.bson.BsonTimestamp;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mistakes in the protocol that show on a set of several members. */
class PunishedSetMistakesTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final EnumSet<Step> ALL = EnumSet.allOf(Step.class);

  @TempDir Path base;
  private final int[] ports = IntStream.range(0, 3).map(i -> TestServer.freePort()).toArray();
  private final TestServer[] members = new TestServer[3];
  private int written;

  @BeforeEach
  void startSet() {
    for (int i = 0; i < 3; i++) {
      members[i] = TestServer.start(db(i), ports[i], "--replSet", "rs0");
    }
    members[0].run("admin", TestServer.initiation(ports));
    members[0].awaitPrimary();
    await().atMost(LIMIT).until(() -> state(1) == MemberState.SECONDARY);
    await().atMost(LIMIT).until(() -> state(2) == MemberState.SECONDARY);
    write(50);
  }

  @AfterEach
  void stop() {
    Stream.of(members).forEach(TestServer::close);
  }

  private Path db(int member) {
    return base.resolve("m" + member);
  }

  private MemberState state(int member) {
    return members[member].mongod().replication().orElseThrow().set().state();
  }

  private void write(int count) {
    members[0].insert("c", written, written + count);
    written += count;
  }

  private BsonTimestamp now() {
    return members[0].run("admin", "{ping: 1}").getTimestamp("operationTime");
  }

  private void failPoint(int member, String name, boolean on) {
    members[member].run(
        "admin", "{configureFailPoint: '%s', mode: '%s'}".formatted(name, on ? "alwaysOn" : "off"));
  }

  private void awaitApplied(int member) {
    long ts = now().getValue();
    await()
        .atMost(LIMIT)
        .until(
            () -> members[member].mongod().replication().orElseThrow().set().applied().ts() >= ts);
  }

  private void crashAll() {
    Stream.of(members).forEach(TestServer::crash);
  }

  private void startAgain(int member, Path directory) {
    members[member] = TestServer.start(directory, ports[member], "--replSet", "rs0");
  }

  /** The number of documents that the member itself has. */
  private int count(int member) {
    return members[member]
        .run(
            "test", "{find: 'c', batchSize: 100000, $readPreference: {mode: 'secondaryPreferred'}}")
        .getDocument("cursor")
        .getArray("firstBatch")
        .size();
  }

  /** What a snapshot of the disk holds: of the journal only what was made durable. */
  private static void cutToDurable(Path copy, long durable) throws IOException {
    try (Stream<Path> files = Files.list(copy.resolve("journal"))) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        long number = Long.parseLong(name.substring(name.indexOf('.') + 1));
        if (number > durable >>> 32) {
          Files.delete(file);
        } else if (number == durable >>> 32) {
          try (var channel = Files.newByteChannel(file, StandardOpenOption.WRITE)) {
            channel.truncate(durable & 0xffffffffL);
          }
        }
      }
    }
  }

  @Test
  void shouldEndShortWhenTheJournalWasNotDurableAtT() throws IOException {
    BackupSteps steps = new BackupSteps(members[2], db(2));
    members[2].checkpoint();
    Cursor cursor = steps.open();
    failPoint(2, "pauseJournalFlusherThread", true);
    write(50);
    BsonTimestamp t = now();
    awaitApplied(2);
    // It returns: T is committed by the other two, and applied here.
    steps.extend(cursor, t);
    long durable = members[2].mongod().store().engine().durableJournal();
    Path disk = base.resolve("disk");
    Path cache = base.resolve("cache");
    for (Path copy : List.of(disk, cache)) {
      steps.copy(steps.allFiles(), copy);
      RestoreToPoint.deleteTheFive(copy);
    }
    cutToDurable(disk, durable);
    crashAll();

    RestoreToPoint.prepare(cache, ports[2], t, ALL);
    startAgain(2, cache);
    assertThat(count(2)).isEqualTo(written);
    members[2].crash();

    RestoreToPoint.prepare(disk, ports[2], t, ALL);
    startAgain(2, disk);
    assertThat(count(2)).isLessThan(written);
  }

  @Test
  void shouldNeverComeUpWhenMinvalidIsNotReset() {
    BackupSteps steps = new BackupSteps(members[2], db(2));
    awaitApplied(2);
    await().until(() -> committed(2) >= now().getValue());
    // Nothing more is committed, but member 2 goes on applying: its checkpoint is behind.
    failPoint(1, "stopReplProducer", true);
    failPoint(2, "pauseJournalFlusherThread", true);
    for (int i = 0; i < 20; i++) {
      members[0].run("test", "{insert: 'c', documents: [{_id: %d}]}".formatted(written + i));
    }
    awaitApplied(2);
    members[2].checkpoint();
    Cursor cursor = steps.open();
    failPoint(1, "stopReplProducer", false);
    failPoint(2, "pauseJournalFlusherThread", false);
    // Any point from the checkpoint on is one that the set was at.
    BsonTimestamp checkpoint = cursor.checkpoint();
    BsonTimestamp t = new BsonTimestamp(checkpoint.getTime(), checkpoint.getInc() + 5);
    Path wrong = base.resolve("wrong");
    Path right = base.resolve("right");
    for (Path copy : List.of(wrong, right)) {
      steps.extend(cursor, t);
      steps.copy(steps.allFiles(), copy);
      RestoreToPoint.deleteTheFive(copy);
    }
    crashAll();

    RestoreToPoint.prepare(right, ports[2], t, ALL);
    startAgain(2, right);
    assertThat(state(2)).isEqualTo(MemberState.SECONDARY);
    assertThat(count(2)).isGreaterThan(written - 1);
    members[2].crash();

    RestoreToPoint.prepare(wrong, ports[2], t, EnumSet.of(Step.TRUNCATE));
    startAgain(2, wrong);
    assertThat(state(2)).isEqualTo(MemberState.RECOVERING);
    BsonDocument reply =
        members[2].send("test", "{find: 'c', $readPreference: {mode: 'secondaryPreferred'}}");
    assertThat(reply.getNumber("code").intValue()).isEqualTo(13436);
  }

  private long committed(int member) {
    return members[member].mongod().replication().orElseThrow().set().committed().ts();
  }

  @Test
  void shouldLeaveThePointWhenTwoMembersComeFromDifferentSnapshots() {
    BsonTimestamp t = backUp("first");
    int expected = written;
    write(30);
    BsonTimestamp later = backUp("second");
    crashAll();

    RestoreToPoint.prepare(base.resolve("first"), ports[0], t, ALL);
    RestoreToPoint.prepare(base.resolve("second"), ports[2], later, ALL);
    startAgain(0, base.resolve("first"));
    assertThat(count(0)).isEqualTo(expected);
    startAgain(2, base.resolve("second"));

    // Nobody votes for a member that has less, so the other snapshot wins.
    await().atMost(LIMIT).until(() -> count(0) == written);
  }

  private BsonTimestamp backUp(String name) {
    BackupSteps steps = new BackupSteps(members[2], db(2));
    members[2].checkpoint();
    Cursor cursor = steps.open();
    write(10);
    BsonTimestamp t = now();
    awaitApplied(2);
    steps.extend(cursor, t);
    steps.copy(steps.allFiles(), base.resolve(name));
    RestoreToPoint.deleteTheFive(base.resolve(name));
    steps.kill(cursor);
    return t;
  }
}
