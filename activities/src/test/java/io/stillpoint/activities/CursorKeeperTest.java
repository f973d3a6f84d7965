package io.stillpoint.activities;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.stillpoint.activity.CursorActivities.Beat;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.BackupCursor;
import io.stillpoint.model.ClusterTime;
import io.stillpoint.model.FileListRef;
import io.stillpoint.mongo.OpenCursors;
import io.stillpoint.mongo.Refusals;
import io.temporal.client.ActivityNotExistsException;
import io.temporal.client.ActivityWorkerShutdownException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

final class CursorKeeperTest {

  private static final String HOLDER = "control@new";
  private static final Duration BEAT = Duration.ofMillis(1);
  private static final BackupCursor CURSOR =
      new BackupCursor(
          "shop",
          "rs0",
          "db1:27017",
          42,
          "session",
          "backup-id",
          "/data/db",
          ClusterTime.ZERO,
          ClusterTime.ZERO,
          ClusterTime.ZERO,
          new FileListRef("list", 1, 1, ""));

  /** A cursor whose answers to touch are played one after another, the last one for ever. */
  private static final class ScriptedCursor implements OpenCursors {
    private final List<Optional<StillpointException>> answers;
    private int touches;
    private int closes;

    ScriptedCursor(List<Optional<StillpointException>> answers) {
      this.answers = answers;
    }

    @Override
    public void touch(BackupCursor cursor) {
      Optional<StillpointException> answer = answers.get(Math.min(touches, answers.size() - 1));
      touches++;
      if (answer.isPresent()) {
        throw answer.get();
      }
    }

    @Override
    public boolean close(BackupCursor cursor) {
      closes++;
      return true;
    }
  }

  private static final class RecordingLink implements OperationLink {
    private final List<String> adoptions = new ArrayList<>();
    private final boolean running;

    RecordingLink(boolean running) {
      this.running = running;
    }

    @Override
    public void cursorAdopted(String workflowId, String set, String holder) {
      adoptions.add(workflowId + " " + set + " " + holder);
    }

    @Override
    public boolean isRunning(String workflowId, String runId) {
      return running;
    }

    @Override
    public boolean hasCompleted(String workflowId, String runId) {
      throw new AssertionError("nothing was reset here");
    }

    @Override
    public String freeStaleLock(String cluster) {
      throw new AssertionError("no lock here");
    }
  }

  private final RecordingLink link = new RecordingLink(true);

  @Test
  void shouldTellTheWorkflowOnceThatItAdoptedTheCursor() {
    ScriptedCursor cursor = new ScriptedCursor(List.of(alive()));
    Beats beats = new Beats(5);
    keepUntilShutdown(cursor, link, beats, Optional.of(new Beat("control@old", 1, 2, "")));
    assertThat(link.adoptions).containsExactly("backup/b rs0 " + HOLDER);
    assertThat(beats.seen).allMatch(b -> b.adoptions() == 3 && b.holder().equals(HOLDER));
  }

  @Test
  void shouldNotCallItsOwnRetryAnAdoption() {
    keepUntilShutdown(
        new ScriptedCursor(List.of(alive())),
        link,
        new Beats(2),
        Optional.of(new Beat(HOLDER, 1, 0, "")));
    keepUntilShutdown(new ScriptedCursor(List.of(alive())), link, new Beats(2), Optional.empty());
    assertThat(link.adoptions).isEmpty();
  }

  @Test
  void shouldAdoptTheCursorOfAWorkerThatDiedBeforeItsFirstWord() {
    assertThatExceptionOfType(ActivityWorkerShutdownException.class)
        .isThrownBy(
            () ->
                keeper(
                        new ScriptedCursor(List.of(alive())),
                        link,
                        new Beats(2),
                        Duration.ofMinutes(5))
                    .keep(Optional.empty(), 2));
    assertThat(link.adoptions).containsExactly("backup/b rs0 " + HOLDER);
  }

  @Test
  void shouldLeaveTheCursorOpenWhenTheWorkerStops() {
    ScriptedCursor cursor = new ScriptedCursor(List.of(alive()));
    keepUntilShutdown(cursor, link, new Beats(3), Optional.empty());
    assertThat(cursor.closes).isZero();
    assertThat(cursor.touches).isPositive();
  }

  @Test
  void shouldCloseTheCursorOfATerminatedWorkflow() {
    ScriptedCursor cursor = new ScriptedCursor(List.of(alive()));
    keepUntilGone(cursor, new RecordingLink(false));
    assertThat(cursor.closes).isOne();
  }

  @Test
  void shouldLeaveTheCursorToTheAttemptThatSupersededThisOne() {
    ScriptedCursor cursor = new ScriptedCursor(List.of(alive()));
    keepUntilGone(cursor, new RecordingLink(true));
    assertThat(cursor.closes).isZero();
  }

  @Test
  void shouldReportALostCursorAfterOneMoreHeartbeat() {
    ScriptedCursor cursor =
        new ScriptedCursor(List.of(Optional.of(failure(ErrorCode.CURSOR_LOST, "unknown there"))));
    Beats beats = new Beats(100);
    assertThatExceptionOfType(StillpointException.class)
        .isThrownBy(
            () -> keeper(cursor, link, beats, Duration.ofMinutes(5)).keep(Optional.empty(), 1))
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.CURSOR_LOST));
    assertThat(beats.seen).hasSize(1);
    assertThat(cursor.closes).isZero();
  }

  @Test
  void shouldRideOutAMemberThatDoesNotAnswerForAWhile() {
    Optional<StillpointException> silent =
        Optional.of(failure(ErrorCode.MONGO_UNREACHABLE, "no answer"));
    ScriptedCursor cursor = new ScriptedCursor(List.of(alive(), silent, silent, alive()));
    Beats beats = new Beats(8);
    keepUntilShutdown(cursor, link, beats, Optional.empty());
    assertThat(cursor.touches).isGreaterThan(3);
    assertThat(beats.seen).anyMatch(b -> b.silence().matches("no answer since .*Z, .*no answer"));
    assertThat(beats.seen.get(beats.seen.size() - 1).silence()).as("once it answers").isEmpty();
  }

  @Test
  void shouldGiveUpAMemberThatStaysSilent() {
    ScriptedCursor cursor =
        new ScriptedCursor(
            List.of(
                alive(), Optional.of(failure(ErrorCode.MONGO_UNREACHABLE, "db1 did not answer"))));
    assertThatExceptionOfType(StillpointException.class)
        .isThrownBy(
            () ->
                keeper(cursor, link, new Beats(Integer.MAX_VALUE), Duration.ofMillis(20))
                    .keep(Optional.empty(), 1))
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.CURSOR_LOST))
        .withMessageContaining("db1 did not answer");
  }

  /** It answers, so that its silence is no reason to wait: its cursor is nobody's any more. */
  @Test
  void shouldGiveUpAMemberThatLeftItsSetAsSoonAsADeadOne() {
    StillpointException left =
        Refusals.of("db1:27017", "getMore", 13436, "node is not in primary or recovering state");
    ScriptedCursor cursor = new ScriptedCursor(List.of(alive(), Optional.of(left)));

    assertThatExceptionOfType(StillpointException.class)
        .isThrownBy(
            () ->
                keeper(
                        cursor,
                        link,
                        new Beats(1_000),
                        new CursorKeeper.Timing(
                            BEAT, BEAT, Duration.ofMinutes(5), Duration.ofMillis(20)))
                    .keep(Optional.empty(), 1))
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.CURSOR_LOST))
        .withMessageContaining("13436");
  }

  private static final class Beats implements Consumer<Beat> {
    private final List<Beat> seen = new ArrayList<>();
    private final int most;

    Beats(int most) {
      this.most = most;
    }

    @Override
    public void accept(Beat beat) {
      if (seen.size() >= most) {
        throw new ActivityWorkerShutdownException();
      }
      seen.add(beat);
    }
  }

  private static void keepUntilShutdown(
      OpenCursors cursor, OperationLink link, Beats beats, Optional<Beat> last) {
    assertThatExceptionOfType(ActivityWorkerShutdownException.class)
        .isThrownBy(
            () ->
                keeper(cursor, link, beats, Duration.ofMinutes(5))
                    .keep(last, last.isPresent() ? 2 : 1));
  }

  private static void keepUntilGone(OpenCursors cursor, OperationLink link) {
    assertThatExceptionOfType(ActivityNotExistsException.class)
        .isThrownBy(
            () ->
                keeper(
                        cursor,
                        link,
                        beat -> {
                          throw new ActivityNotExistsException(new IllegalStateException("gone"));
                        },
                        Duration.ofMinutes(5))
                    .keep(Optional.empty(), 1));
  }

  private static CursorKeeper keeper(
      OpenCursors cursor, OperationLink link, Consumer<Beat> heart, Duration patience) {
    return keeper(cursor, link, heart, new CursorKeeper.Timing(BEAT, BEAT, patience, patience));
  }

  private static CursorKeeper keeper(
      OpenCursors cursor, OperationLink link, Consumer<Beat> heart, CursorKeeper.Timing timing) {
    return new CursorKeeper(
        cursor, link, new CursorKeeper.Run("backup/b", "run"), heart, CURSOR, HOLDER, timing);
  }

  private static Optional<StillpointException> alive() {
    return Optional.empty();
  }

  private static StillpointException failure(ErrorCode code, String message) {
    return new StillpointException(code, message, "");
  }
}
