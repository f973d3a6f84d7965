package io.stillpoint.sandbox.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.stillpoint.activity.ClusterActivities.EndPoint;
import io.stillpoint.activity.ClusterActivities.StepUpRequest;
import io.stillpoint.activity.NodeActivities.RecoverRequest;
import io.stillpoint.activity.NodeActivities.StageRequest;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.host.BeatGuard;
import io.stillpoint.host.MemberHost;
import io.stillpoint.model.ClusterTime;
import io.stillpoint.mongo.RestoredEnd;
import io.stillpoint.mongo.StepUp;
import io.stillpoint.provider.ProgressListener;
import io.stillpoint.sandbox.cluster.LocalServer;
import io.stillpoint.sandbox.cluster.ServerPrograms;
import io.stillpoint.sandbox.load.ExpectedDocuments;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.bson.BsonDocument;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every damage that a server starts on without an error is refused by name before a server sees it;
 * and where it happens after that look, the recovered member is not taken for right, and the undo
 * puts the old data back. A server runs only where one must; the member itself stays down.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SilentDamageTest {

  private static final Runnable NO_BEAT = () -> {};

  private BackedUpReplicaSet set;
  private LocalServer member;
  private MemberHost host;
  private ExpectedDocuments before;
  private int restores;

  @BeforeAll
  void backUp(@TempDir Path temp) {
    set = BackedUpReplicaSet.start(temp, ServerPrograms.fromSystemProperties(), 1);
    member = set.members().get(0);
    host = set.host(member);
    before = set.expectedNow();
  }

  @AfterAll
  void stop() {
    if (set != null) {
      set.close();
    }
  }

  /** A test that failed must not stand in the way of the others. */
  @AfterEach
  void endRestore() {
    String unfinished = host.inspect().unfinishedRestore();
    if (!unfinished.isEmpty()) {
      undo(unfinished);
    }
  }

  private String newRestore() {
    return "damage-" + restores++;
  }

  // ---- looked at before any server sees it

  private void assertNotStaged(StageRequest request, ErrorCode code, String words) {
    assertThatThrownBy(() -> host.stage(request, ProgressListener.NONE, NO_BEAT))
        .hasMessageContaining(words)
        .isInstanceOfSatisfying(
            StillpointException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  private Path stageByHand(StageRequest request, Path copied) throws IOException {
    Path stage = Path.of(host.prepareStage(request, NO_BEAT));
    BackedUpReplicaSet.copyTree(copied, stage);
    return stage;
  }

  @Order(1)
  @ParameterizedTest
  @EnumSource(Damage.class)
  void shouldRefuseADamagedCopy(Damage damage) throws IOException {
    String restore = newRestore();
    StageRequest request = set.manualRequest(restore, member);
    Path stage = stageByHand(request, set.wholeCopy());
    damage.make(stage);
    assertNotStaged(request, ErrorCode.SNAPSHOT_INCOMPLETE, damage.words());
    host.dropStage(restore, NO_BEAT);
  }

  @Order(2)
  @Test
  void shouldRefuseADirectoryCopiedWithoutACursor() throws IOException {
    String restore = newRestore();
    StageRequest request = set.manualRequest(restore, member);
    Path stage = Path.of(host.prepareStage(request, NO_BEAT));
    copyLive(member.dbPath(), stage);
    assertNotStaged(request, ErrorCode.SNAPSHOT_INCOMPLETE, "is missing");
    host.dropStage(restore, NO_BEAT);
  }

  /** Of a running server's directory, whose files come and go. */
  private static void copyLive(Path from, Path to) throws IOException {
    Files.createDirectories(to.resolve("journal"));
    for (Path directory : List.of(Path.of(""), Path.of("journal"))) {
      for (Path file : Damage.files(from.resolve(directory), "")) {
        if (Files.isRegularFile(file)) {
          Files.copy(
              file,
              to.resolve(from.relativize(file).toString()),
              StandardCopyOption.REPLACE_EXISTING);
        }
      }
    }
  }

  @Order(3)
  @Test
  void shouldRefuseTheSnapshotOfAnotherBackup() {
    String restore = newRestore();
    StageRequest right = set.stageRequest(restore, member);
    StageRequest wrong =
        new StageRequest(
            restore,
            right.backup(),
            right.member(),
            right.sourceSet(),
            right.files(),
            set.earlierSnapshots());
    assertNotStaged(wrong, ErrorCode.SNAPSHOT_FOREIGN, "shop-0");
    assertNotPlanned(wrong, ErrorCode.SNAPSHOT_FOREIGN);
    host.dropStage(restore, NO_BEAT);
  }

  /** The plan, by which a person decides, looks for what staging needs, and leaves no trace. */
  @Order(3)
  @Test
  void shouldRefuseInThePlanWhatCouldNotBeStaged() throws IOException {
    StageRequest request = set.stageRequest(newRestore(), member);
    assertThat(host.plan(request)).isEmpty();

    Path file = set.snapshot().resolve("WiredTiger.backup");
    Path aside = Files.move(file, file.resolveSibling("aside"));
    assertNotPlanned(request, ErrorCode.SNAPSHOT_INCOMPLETE);
    Files.move(aside, file);
    Path moved = Files.move(set.snapshot(), set.snapshot().resolveSibling("moved"));
    assertNotPlanned(request, ErrorCode.SNAPSHOT_UNREACHABLE);
    Files.move(moved, set.snapshot());

    assertThat(host.plan(request)).isEmpty();
    assertThat(member.dbPath().resolve(".stillpoint").resolve(request.restore())).doesNotExist();
  }

  private void assertNotPlanned(StageRequest request, ErrorCode code) {
    assertThatThrownBy(() -> host.plan(request))
        .isInstanceOfSatisfying(
            StillpointException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  @Order(3)
  @Test
  void shouldRefuseTheSnapshotOfAnotherSetOrCluster() {
    String restore = newRestore();
    StageRequest right = set.stageRequest(restore, member);
    StageRequest otherSet =
        new StageRequest(
            restore, right.backup(), right.member(), "rs9", right.files(), right.snapshots());
    assertNotStaged(otherSet, ErrorCode.AGENT_REFUSED, "rs9");
    // As a person copies it, with the marker that says whose it is.
    StageRequest byHand =
        new StageRequest(restore, right.backup(), right.member(), "rs9", right.files(), List.of());
    Path stage = Path.of(host.prepareStage(byHand, NO_BEAT));
    assertThatCode(() -> BackedUpReplicaSet.copyTree(set.snapshot(), stage))
        .doesNotThrowAnyException();
    assertNotStaged(byHand, ErrorCode.SNAPSHOT_FOREIGN, "set rs0 of backup shop-1");
    host.dropStage(restore, NO_BEAT);
  }

  // ---- after that look

  /** Swaps a right copy in; the member must be down. */
  private RecoverRequest swapIn(String restore) {
    host.stage(set.stageRequest(restore, member), ProgressListener.NONE, NO_BEAT);
    host.stop(restore, NO_BEAT);
    host.swap(restore, NO_BEAT);
    return set.recoverRequest(restore, member);
  }

  private RecoverRequest swapInWholeCopy(String restore) throws IOException {
    StageRequest request = set.manualRequest(restore, member);
    stageByHand(request, set.wholeCopy());
    host.stage(request, ProgressListener.NONE, NO_BEAT);
    host.stop(restore, NO_BEAT);
    host.swap(restore, NO_BEAT);
    return set.recoverRequest(restore, member);
  }

  /** Neither the recovery nor the start after it may accept the data. */
  private void assertNotAccepted(RecoverRequest request) {
    String restore = request.restore();
    assertRefused(
        () -> {
          host.recover(request, NO_BEAT, BeatGuard.NONE);
          host.start(restore, NO_BEAT);
          host.proveStart(restore, request.point());
        });
    undo(restore);
  }

  private static void assertRefused(ThrowingCallable steps) {
    assertThatThrownBy(steps)
        .isInstanceOfSatisfying(
            StillpointException.class,
            e ->
                assertThat(e.code())
                    .isIn(ErrorCode.POINT_NOT_PROVEN, ErrorCode.MONGOD_NOT_STARTED));
  }

  private void undo(String restore) {
    host.stop(restore, NO_BEAT);
    host.undo(restore, NO_BEAT);
  }

  /** A file with its needed part cut off is refused by the server itself, which may take long. */
  @Order(4)
  @ParameterizedTest
  @EnumSource(
      value = Damage.class,
      mode = Mode.EXCLUDE,
      names = {"DATA_FILE_EMPTY", "DATA_FILE_SHORT"})
  void shouldUndoADamageThatCameLater(Damage damage) {
    RecoverRequest request = swapIn(newRestore());
    damage.make(member.dbPath());
    assertNotAccepted(request);
  }

  /** Sizes stay, contents do not: the server checks its blocks, the proof counts the entries. */
  @Order(4)
  @ParameterizedTest
  @ValueSource(strings = {"journal", "data"})
  void shouldUndoAnAlteredJournalOrDataFile(String which) throws IOException {
    RecoverRequest request = swapIn(newRestore());
    List<Path> files =
        which.equals("journal")
            ? Damage.journal(member.dbPath())
            : Damage.files(member.dbPath(), "collection-");
    for (Path file : files) {
      byte[] bytes = Files.readAllBytes(file);
      for (int i = bytes.length / 4; i < bytes.length; i += 64) {
        bytes[i] ^= 0x55;
      }
      Files.write(file, bytes);
    }
    assertNotAccepted(request);
  }

  @Order(5)
  @Test
  void shouldUndoWhenTheNewestCheckpointIsTaken() throws IOException {
    RecoverRequest request = swapInWholeCopy(newRestore());
    Damage.BACKUP_FILE_MISSING.make(member.dbPath());
    putBack(set.wholeCopy(), "WiredTiger.turtle", "WiredTiger.wt");
    assertNotAccepted(request);
  }

  private void putBack(Path from, String... names) throws IOException {
    for (String name : names) {
      Files.copy(
          from.resolve(name), member.dbPath().resolve(name), StandardCopyOption.REPLACE_EXISTING);
    }
  }

  @Order(6)
  @Test
  void shouldUndoWhenTheTurtleIsKeptFrom6() throws IOException {
    assumeTrue(
        Files.exists(set.wholeCopy().resolve("ongoingBackup.lock")), "the trap exists from 6.0 on");
    RecoverRequest request = swapInWholeCopy(newRestore());
    putBack(
        set.wholeCopy(), "WiredTiger.turtle", "WiredTiger.wt", "mongod.lock", "ongoingBackup.lock");
    assertThatThrownBy(() -> host.recover(request, NO_BEAT, BeatGuard.NONE))
        .hasMessageContaining("5844600");
    undo(request.restore());
  }

  @Order(7)
  @Test
  void shouldUndoWhenTheDataIsThatOfAnotherSnapshot() throws IOException {
    RecoverRequest request = swapIn(newRestore());
    for (Path file : Damage.files(member.dbPath(), "")) {
      if (Files.isRegularFile(file)) {
        Damage.delete(file);
      }
    }
    Damage.journal(member.dbPath()).forEach(Damage::delete);
    Files.delete(member.dbPath().resolve("journal"));
    copyLive(set.earlierWholeCopy(), member.dbPath());
    assertNotAccepted(request);
  }

  @Order(8)
  @Test
  void shouldRefuseAPointThatTheDataDoesNotEndAt() {
    for (long seconds : new long[] {3600, -3600}) {
      ClusterTime other = new ClusterTime(set.point().seconds() + seconds, 1);
      String restore = newRestore();
      swapIn(restore);
      assertNotAccepted(set.recoverRequest(restore, member, other));
    }
  }

  /** Whatever undid the edit, the first start shows it. */
  @Order(9)
  @Test
  void shouldUndoWhenNothingWasTruncatedAtThePoint() {
    RecoverRequest request = swapIn(newRestore());
    host.recover(request, NO_BEAT, BeatGuard.NONE);
    edit("{delete: 'replset.oplogTruncateAfterPoint', deletes: [{q: {}, limit: 0}]}");
    host.start(request.restore(), NO_BEAT);
    assertRefused(() -> host.proveStart(request.restore(), request.point()));
    undo(request.restore());
  }

  @Order(10)
  @Test
  void shouldSayThatAMemberDoesNotComeUpWhoseMinvalidIsNotReset() {
    RecoverRequest request = swapIn(newRestore());
    host.recover(request, NO_BEAT, BeatGuard.NONE);
    edit(
        "{update: 'replset.minvalid', updates: [{q: {}, u: {$set: {t: {$numberLong: '1'}, ts:"
            + " {$timestamp: {t: %d, i: 1}}}}}]}".formatted(set.point().seconds() + 3600));
    host.start(request.restore(), NO_BEAT);
    List<String> address = List.of(member.address());
    assertThatThrownBy(
            () ->
                new StepUp(set.connections(), Duration.ofSeconds(4))
                    .run(
                        new StepUpRequest("shop", "rs0", address, member.address()), waiting -> {}))
        .isInstanceOf(StillpointException.class)
        .hasMessageContaining("=recovering");
    undo(request.restore());
  }

  /** Changes the recovered data as a server of the operator would. */
  private void edit(String command) {
    LocalServer standalone =
        LocalServer.mongod(
            "edit",
            member.dbPath(),
            member.logPath().resolveSibling("edit.log"),
            ServerPrograms.fromSystemProperties(),
            List.of("--setParameter", "disableLogicalSessionCacheRefresh=true"));
    standalone.start();
    standalone.run("local", BsonDocument.parse(command));
    standalone.stop();
    assertThat(standalone.exitCode()).hasValue(0);
  }

  /** The oplogs differ from the manifest: the members did not come from the one snapshot. */
  @Order(11)
  @Test
  void shouldNotTakeTheOldDataForTheRestored() {
    host.start(newRestore(), NO_BEAT);
    set.awaitPrimary();
    assertThatThrownBy(
            () ->
                new RestoredEnd(set.connections())
                    .compare(
                        new EndPoint(
                            "shop",
                            member.address(),
                            set.part().checkpoint(),
                            set.point(),
                            set.part().lastEntry(),
                            set.part().entries())))
        .isInstanceOfSatisfying(
            StillpointException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.POINT_NOT_PROVEN));
    assertThat(set.compareNow(before).identical()).isTrue();
  }
}
