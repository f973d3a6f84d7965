package io.stillpoint.sandbox.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoCollection;
import io.stillpoint.activity.NodeActivities.RecoverReport;
import io.stillpoint.activity.NodeActivities.RecoverRequest;
import io.stillpoint.activity.SnapshotActivities.Progress;
import io.stillpoint.directory.CopyRecord;
import io.stillpoint.directory.SnapshotMarker;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.host.BeatGuard;
import io.stillpoint.host.MemberHost;
import io.stillpoint.provider.ProgressListener;
import io.stillpoint.sandbox.cluster.LocalServer;
import io.stillpoint.sandbox.cluster.ServerPrograms;
import io.stillpoint.sandbox.load.ExpectedDocuments;
import io.stillpoint.storage.GuardedDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.bson.BsonDocument;
import org.bson.Document;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** Real server processes, real files: what a node agent does in a restore, step by step. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.MethodName.class)
class RestoreOnHostTest {

  private static final Runnable NO_BEAT = () -> {};

  private BackedUpReplicaSet set;

  @BeforeAll
  void backUp(@TempDir Path temp) {
    set = BackedUpReplicaSet.start(temp);
  }

  @AfterAll
  void stop() {
    if (set != null) {
      set.close();
    }
  }

  @Test
  void shouldRecoverEveryMemberToThePoint() {
    ExpectedDocuments expected = set.expectedAtPoint();
    set.writeMore();
    assertThat(set.compareNow(expected).identical()).isFalse();

    restoreAll("all");

    assertThat(set.compareNow(expected).identical()).isTrue();
    set.requireEndPoint();
    for (LocalServer member : set.members()) {
      assertThat(member.dbPath().resolve(".stillpoint/all/old")).doesNotExist();
    }
  }

  /** A driver takes a primary of an older election than it knows for outdated, for ever. */
  @Test
  void shouldStayKnownToApplicationsThatSawLaterElections() {
    try (MongoClient application = set.application()) {
      MongoCollection<Document> orders = application.getDatabase("shop").getCollection("orders");
      for (int i = 0; i < 3; i++) {
        set.stepDown();
        orders.insertOne(new Document("election", i));
      }

      restoreAll("known");

      orders.insertOne(new Document("restored", true));
    }
  }

  @Test
  void shouldPutTheOldDataBackWhenThePointIsNotProven() {
    String restore = "unproven";
    ExpectedDocuments now = set.expectedNow();
    stopAndSwap(restore);
    for (LocalServer member : set.members()) {
      MemberHost host = set.host(member);
      assertCode(() -> host.start(restore, NO_BEAT), ErrorCode.AGENT_REFUSED);
      RecoverRequest right = set.recoverRequest(restore, member);
      // As if the first journal file were missing: the end is right, the number is not.
      RecoverRequest wrong =
          new RecoverRequest(
              restore,
              member.address(),
              right.checkpoint(),
              right.point(),
              right.lastEntry(),
              right.entries() + 1,
              "",
              "",
              "",
              Map.of(),
              Map.of(),
              right.newestTerm());
      assertThatThrownBy(() -> host.recover(wrong, NO_BEAT, BeatGuard.NONE))
          .hasMessageContaining(" " + right.entries() + " entries")
          .isInstanceOfSatisfying(
              StillpointException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.POINT_NOT_PROVEN));
      assertCode(() -> host.release(restore, NO_BEAT), ErrorCode.AGENT_REFUSED);
    }

    for (LocalServer member : set.members()) {
      set.host(member).undo(restore, NO_BEAT);
      set.host(member).undo(restore, NO_BEAT);
      set.host(member).start(restore, NO_BEAT);
    }

    set.awaitPrimary();
    assertThat(set.compareNow(now).identical()).isTrue();
    for (LocalServer member : set.members()) {
      assertCode(() -> set.host(member).swap(restore, NO_BEAT), ErrorCode.AGENT_REFUSED);
      assertCode(
          () ->
              set.host(member)
                  .stage(set.stageRequest(restore, member), ProgressListener.NONE, NO_BEAT),
          ErrorCode.AGENT_REFUSED);
    }
  }

  @Test
  void shouldRecoverAgainAfterTheAgentDiedInTheMiddle() {
    String restore = "again";
    LocalServer member = set.members().get(0);
    MemberHost host = set.host(member);
    set.writeMore();
    stopAndSwap(restore);
    AtomicInteger beats = new AtomicInteger();
    // Dies once the temporary server has begun to work on the data, which it goes on doing.
    assertThatThrownBy(
            () ->
                host.recover(
                    set.recoverRequest(restore, member),
                    () -> {
                      Path turtle = member.dbPath().resolve("WiredTiger.turtle");
                      if (Files.exists(turtle) && beats.incrementAndGet() > 3) {
                        throw new IllegalStateException("agent died");
                      }
                    },
                    BeatGuard.NONE))
        .hasMessage("agent died");

    for (LocalServer each : set.members()) {
      RecoverReport report =
          set.host(each).recover(set.recoverRequest(restore, each), NO_BEAT, BeatGuard.NONE);
      assertThat(set.host(each).recover(set.recoverRequest(restore, each), NO_BEAT, BeatGuard.NONE))
          .isEqualTo(report);
    }
    finish(restore);

    assertThat(set.compareNow(set.expectedAtPoint()).identical()).isTrue();
  }

  @Test
  void shouldRecoverAgainAfterTheServerDiedInTheMiddle(@TempDir Path temp) throws IOException {
    assumeTrue(
        ServerPrograms.fromSystemProperties().isSimulated(),
        "a real server cannot be told where to die");
    String restore = "died";
    LocalServer member = set.members().get(0);
    Path dying = temp.resolve("mongod");
    Files.writeString(
        dying,
        "#!/bin/sh\nexec %s \"$@\" --setParameter simulatedEndInRecovery=true\n"
            .formatted(member.argv().get(0)));
    assertThat(dying.toFile().setExecutable(true)).isTrue();
    set.writeMore();
    stopAndSwap(restore);

    for (int i = 0; i < 2; i++) {
      assertCode(
          () ->
              set.host(member, dying)
                  .recover(set.recoverRequest(restore, member), NO_BEAT, BeatGuard.NONE),
          ErrorCode.MONGOD_NOT_STARTED);
      assertThat(member.dbPath().resolve("WiredTiger.backup")).doesNotExist();
    }
    for (LocalServer each : set.members()) {
      set.host(each).recover(set.recoverRequest(restore, each), NO_BEAT, BeatGuard.NONE);
    }
    finish(restore);

    assertThat(set.compareNow(set.expectedAtPoint()).identical()).isTrue();
    set.requireEndPoint();
    assertThat(member.dbPath().resolve(".stillpoint/died/WiredTiger.backup")).doesNotExist();
  }

  /** A restore dies when it has told its servers to stop, and is undone at once. */
  @Test
  void shouldNotTakeServersThatStillShutDownForStarted() {
    assumeTrue(
        ServerPrograms.fromSystemProperties().isSimulated(),
        "a real server cannot be told how long to shut down");
    String restore = "dying";
    ExpectedDocuments now = set.expectedNow();
    Map<String, ProcessHandle> dying = new HashMap<>();
    for (LocalServer member : set.members()) {
      set.host(member).stage(set.stageRequest(restore, member), ProgressListener.NONE, NO_BEAT);
      member.run("admin", BsonDocument.parse("{setParameter: 1, simulatedShutdownMillis: 4000}"));
    }
    for (LocalServer member : set.members()) {
      dying.put(member.address(), member.running().orElseThrow());
      AtomicInteger beats = new AtomicInteger();
      assertThatThrownBy(() -> set.host(member).stop(restore, () -> dieAt(2, beats)))
          .hasMessage("restore died");
      assertThat(set.host(member).unfinished().running()).isFalse();
    }
    assertThat(dying.values()).allMatch(ProcessHandle::isAlive);

    for (LocalServer member : set.members()) {
      set.host(member).undo(restore, NO_BEAT);
      set.host(member).start(restore, NO_BEAT);
    }

    assertThat(dying.values()).noneMatch(ProcessHandle::isAlive);
    set.awaitPrimary();
    assertThat(set.compareNow(now).identical()).isTrue();
    for (LocalServer member : set.members()) {
      ProcessHandle started = member.running().orElseThrow();
      // Late, from an agent that was suspended meanwhile.
      set.host(member).stop(restore, NO_BEAT);
      assertThat(member.running()).contains(started);
      assertThat(set.host(member).unfinished().running()).isTrue();
    }
  }

  private static void dieAt(int beat, AtomicInteger beats) {
    if (beats.incrementAndGet() == beat) {
      throw new IllegalStateException("restore died");
    }
  }

  @Test
  void shouldAcceptAPersonsCopyAndRefuseAnIncompleteOne() throws IOException {
    String restore = "manual";
    LocalServer member = set.members().get(1);
    MemberHost host = set.host(member);
    Path stage = Path.of(host.prepareStage(set.manualRequest(restore, member), NO_BEAT));
    ThrowingCallable call =
        () -> host.stage(set.manualRequest(restore, member), ProgressListener.NONE, NO_BEAT);

    assertCode(call, ErrorCode.SNAPSHOT_INCOMPLETE);
    BackedUpReplicaSet.copyTree(set.snapshot(), stage.resolve("deeper"));
    assertThatThrownBy(call).hasMessageContaining("deeper");
    new GuardedDirectory(stage).delete(stage.resolve("deeper"));

    BackedUpReplicaSet.copyTree(set.snapshot(), stage);
    Path journal = BackedUpReplicaSet.firstJournalFile(stage);
    byte[] kept = Files.readAllBytes(journal);
    Files.delete(journal);
    assertCode(call, ErrorCode.SNAPSHOT_INCOMPLETE);
    Files.write(journal, Arrays.copyOf(kept, kept.length - 1));
    assertCode(call, ErrorCode.SNAPSHOT_INCOMPLETE);
    Files.write(journal, kept);
    Files.writeString(stage.resolve("mongod.lock"), "4711\n");
    Files.writeString(stage.resolve("WiredTiger.turtle"), "newer");

    host.stage(set.manualRequest(restore, member), ProgressListener.NONE, NO_BEAT);

    assertThat(stage.resolve("mongod.lock")).doesNotExist();
    assertThat(stage.resolve("WiredTiger.turtle")).doesNotExist();
    assertThat(stage.resolve("stillpoint.json")).doesNotExist();
    host.dropStage(restore, NO_BEAT);
    assertThat(stage).doesNotExist();
    assertThat(host.inspect().unfinishedRestore()).isEmpty();
  }

  @Test
  void shouldNotTrustAStageThatHasNoRecord() throws IOException {
    String restore = "half";
    LocalServer member = set.members().get(1);
    MemberHost host = set.host(member);
    Path stage = Path.of(host.prepareStage(set.manualRequest(restore, member), NO_BEAT));
    Path journal =
        stage.resolve(
            set.snapshot().relativize(BackedUpReplicaSet.firstJournalFile(set.snapshot())));
    Files.createDirectories(journal.getParent());
    Files.write(
        journal, new byte[(int) Files.size(set.snapshot().resolve(stage.relativize(journal)))]);
    Files.writeString(stage.resolve("collection-1.wt.stillpoint-part"), "of an earlier build");

    host.stage(set.stageRequest(restore, member), ProgressListener.NONE, NO_BEAT);

    assertThat(journal).hasSameBinaryContentAs(set.snapshot().resolve(stage.relativize(journal)));
    assertThat(stage.resolve("collection-1.wt.stillpoint-part")).doesNotExist();
    assertThat(stage.resolve(CopyRecord.NAME)).doesNotExist();
    host.dropStage(restore, NO_BEAT);
  }

  /** Not against the list, which was made before the files had grown. */
  @Test
  void shouldMeasureItsProgressAgainstWhatTheSnapshotHas() {
    String restore = "measured";
    LocalServer member = set.members().get(1);
    List<Progress> told = Collections.synchronizedList(new ArrayList<>());
    long copied = SnapshotMarker.read(set.snapshot()).orElseThrow().copiedBytes();

    set.host(member).stage(set.stageRequest(restore, member), told::add, NO_BEAT);
    set.host(member).dropStage(restore, NO_BEAT);

    assertThat(copied).isGreaterThan(set.stageRequest(restore, member).files().bytes());
    assertThat(told).isNotEmpty().allMatch(p -> p.totalBytes() == copied);
    assertThat(told).filteredOn(p -> !p.checking()).last().matches(p -> p.doneBytes() == copied);
  }

  @Test
  void shouldLetOnlyOneRestoreUseADataPath() {
    LocalServer member = set.members().get(1);
    MemberHost host = set.host(member);
    host.prepareStage(set.manualRequest("first", member), NO_BEAT);

    assertThat(host.inspect().unfinishedRestore()).isEqualTo("first");
    assertThat(host.inspect().running()).isTrue();
    assertThat(host.inspect().differences()).isEmpty();
    assertThat(host.inspect().mongodVersion()).startsWith("4.4");
    assertCode(
        () -> host.prepareStage(set.manualRequest("second", member), NO_BEAT),
        ErrorCode.AGENT_REFUSED);
    assertCode(() -> host.stop("second", NO_BEAT), ErrorCode.AGENT_REFUSED);
    host.dropStage("first", NO_BEAT);
    host.dropStage("first", NO_BEAT);
  }

  private void restoreAll(String restore) {
    stopAndSwap(restore);
    for (LocalServer member : set.members()) {
      RecoverReport report =
          set.host(member).recover(set.recoverRequest(restore, member), NO_BEAT, BeatGuard.NONE);
      assertThat(report.recoveryTimestamp()).isEqualTo(set.part().checkpoint());
    }
    finish(restore);
  }

  private void stopAndSwap(String restore) {
    for (LocalServer member : set.members()) {
      set.host(member).stage(set.stageRequest(restore, member), ProgressListener.NONE, NO_BEAT);
      assertCode(() -> set.host(member).swap(restore, NO_BEAT), ErrorCode.AGENT_REFUSED);
    }
    set.members().forEach(member -> set.host(member).stop(restore, NO_BEAT));
    set.members().forEach(member -> set.host(member).swap(restore, NO_BEAT));
  }

  private void finish(String restore) {
    set.members().forEach(member -> set.host(member).start(restore, NO_BEAT));
    set.awaitPrimary();
    for (LocalServer member : set.members()) {
      set.host(member).proveStart(restore, set.point());
      set.host(member).release(restore, NO_BEAT);
    }
  }

  private static void assertCode(ThrowingCallable call, ErrorCode code) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StillpointException.class, e -> assertThat(e.code()).isEqualTo(code));
  }
}
