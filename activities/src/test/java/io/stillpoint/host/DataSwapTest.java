package io.stillpoint.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.host.RestoreState.Step;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kills the swap before and after every rename and every recorded state, in both directions. */
class DataSwapTest {

  private static final String RESTORE = "r1";
  private static final Runnable NO_BEAT = () -> {};

  @TempDir private Path temp;
  private int round;
  private RestoreArea area;
  private Map<String, String> oldData;
  private Map<String, String> newData;

  /** What a kill looks like from inside. */
  private static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /** Dies at the nth effect: half of the times just before it, half just after. */
  private static final class Death {
    private int left;
    private final boolean after;

    Death(int effects, boolean after) {
      this.left = effects;
      this.after = after;
    }

    void around(IoEffect effect) throws IOException {
      left--;
      if (left == 0 && !after) {
        throw new Killed();
      }
      effect.run();
      if (left == 0) {
        throw new Killed();
      }
    }
  }

  @FunctionalInterface
  private interface IoEffect {
    void run() throws IOException;
  }

  @BeforeEach
  void make() throws IOException {
    prepare();
  }

  @Test
  void shouldSwapAndPutBackExactlyTheOldEntries() throws IOException {
    swap().swap(state());
    assertThat(data()).isEqualTo(newData);
    assertThat(state().step()).isEqualTo(Step.SWAPPED);

    swap().undo(state(), NO_BEAT);
    assertThat(data()).isEqualTo(oldData);
    assertThat(state().step()).isEqualTo(Step.UNDONE);
    swap().undo(state(), NO_BEAT);
    assertThat(data()).isEqualTo(oldData);
  }

  @Test
  void shouldResumeASwapThatWasKilledAnywhere() throws IOException {
    int rounds = 0;
    for (boolean after : new boolean[] {false, true}) {
      for (int kill = 1; killedAt(kill, after, false); kill++) {
        swap().swap(state());
        assertThat(data()).as("kill %d %s", kill, after).isEqualTo(newData);
        swap().undo(state(), NO_BEAT);
        assertThat(data()).as("kill %d %s", kill, after).isEqualTo(oldData);
        rounds++;
        prepare();
      }
      prepare();
    }
    assertThat(rounds).isGreaterThan(20);
  }

  @Test
  void shouldUndoASwapThatWasKilledAnywhere() throws IOException {
    int rounds = 0;
    for (boolean after : new boolean[] {false, true}) {
      for (int kill = 1; killedAt(kill, after, false); kill++) {
        swap().undo(state(), NO_BEAT);
        assertThat(data()).as("kill %d %s", kill, after).isEqualTo(oldData);
        assertThat(state().step()).isEqualTo(Step.UNDONE);
        rounds++;
        prepare();
      }
      prepare();
    }
    assertThat(rounds).isGreaterThan(20);
  }

  @Test
  void shouldRefuseAStageThatLostItsBackupMetadata() throws IOException {
    Files.delete(area.stage(RESTORE).resolve("WiredTiger.backup"));

    assertThatThrownBy(() -> swap().swap(state()))
        .isInstanceOfSatisfying(
            StillpointException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.SNAPSHOT_INCOMPLETE));
    assertThat(data()).isEqualTo(oldData);
  }

  @Test
  void shouldResumeAnUndoThatWasKilledAnywhereAfterASwapThatWasKilledAnywhere() throws IOException {
    int rounds = 0;
    for (int kill = 1; killedAt(kill, true, false); kill++) {
      for (int undoKill = 1; killedAt(undoKill, undoKill % 2 == 0, true); undoKill++) {
        swap().undo(state(), NO_BEAT);
        assertThat(data()).as("kill %d, %d", kill, undoKill).isEqualTo(oldData);
        rounds++;
        prepare();
        killedAt(kill, true, false);
      }
      prepare();
    }
    assertThat(rounds).isGreaterThan(50);
  }

  @Test
  void shouldDiscardWhatAServerWroteIntoTheNewData() throws IOException {
    swap().swap(state());
    Files.writeString(area.dataPath().resolve("collection-99.wt"), "written after the swap");
    Files.writeString(area.dataPath().resolve("WiredTiger"), "changed after the swap");

    swap().undo(state(), NO_BEAT);

    assertThat(data()).isEqualTo(oldData);
  }

  @Test
  void shouldPutTheOldDataBackWhereNothingCanBeMovedAside() throws IOException {
    swap().swap(state());
    Path discard = area.discard(RESTORE);
    DataSwap full =
        new DataSwap(
            area,
            Clock.systemUTC(),
            (from, to) -> {
              if (to.startsWith(discard)) {
                throw new IOException(to + ": No space left on device");
              }
              Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
            },
            area::save);

    full.undo(state(), NO_BEAT);

    assertThat(data()).isEqualTo(oldData);
    assertThat(state().step()).isEqualTo(Step.UNDONE);
  }

  @Test
  void shouldUndoFromEveryStepOfARecovery() throws IOException {
    for (Step step : new Step[] {Step.REPLAYING, Step.RENAMING, Step.RECOVERED}) {
      swap().swap(state());
      area.save(state().at(step, Clock.systemUTC().instant()));
      swap().swap(state());
      assertThat(state().step()).isEqualTo(step);

      swap().undo(state(), NO_BEAT);

      assertThat(data()).as("from %s", step).isEqualTo(oldData);
      prepare();
    }
  }

  @Test
  void shouldRefuseToUndoWhenOldDataIsMissing() throws IOException {
    swap().swap(state());
    Files.delete(area.old(RESTORE).resolve("old-only.wt"));

    assertThatThrownBy(() -> swap().undo(state(), NO_BEAT))
        .isInstanceOfSatisfying(
            StillpointException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNDO_FAILED));
    assertThat(data()).isEqualTo(newData);
  }

  @Test
  void shouldRefuseToSwapInWhatWasUndone() throws IOException {
    swap().undo(state(), NO_BEAT);

    assertThatThrownBy(() -> swap().swap(state()))
        .isInstanceOfSatisfying(
            StillpointException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.AGENT_REFUSED));
    assertThat(data()).isEqualTo(oldData);
  }

  @Test
  void shouldRefuseWhenSomebodyElseWritesIntoTheDataPath() throws IOException {
    killedAt(3, true, false);
    Files.writeString(area.dataPath().resolve("stray"), "x");

    assertThatThrownBy(() -> swap().swap(state())).isInstanceOf(StillpointException.class);
    Files.delete(area.dataPath().resolve("stray"));
    swap().swap(state());
    assertThat(data()).isEqualTo(newData);
  }

  /** Whether the run was killed; if there were fewer effects, it came to its end. */
  private boolean killedAt(int effects, boolean after, boolean undo) throws IOException {
    Death death = new Death(effects, after);
    DataSwap mortal =
        new DataSwap(
            area,
            Clock.systemUTC(),
            (from, to) -> death.around(() -> Files.move(from, to, StandardCopyOption.ATOMIC_MOVE)),
            state -> {
              try {
                death.around(() -> area.save(state));
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    try {
      if (undo) {
        mortal.undo(state(), NO_BEAT);
      } else {
        mortal.swap(state());
      }
      return false;
    } catch (Killed e) {
      return true;
    }
  }

  private DataSwap swap() {
    return new DataSwap(area, Clock.systemUTC());
  }

  private RestoreState state() {
    return area.state(RESTORE).orElseThrow();
  }

  /** A data path and a stage with common and different names, as after staging. */
  private void prepare() throws IOException {
    Path dbPath = Files.createDirectories(temp.resolve("db" + round++));
    area = new RestoreArea(dbPath);
    Files.createDirectories(dbPath.resolve("lost+found"));
    write(dbPath, "WiredTiger", "old");
    write(dbPath, "old-only.wt", "old");
    write(dbPath, "journal/WiredTigerLog.0000000001", "old");
    Files.createSymbolicLink(dbPath.resolve("linked"), temp);
    oldData = data();
    Path stage = area.stage(RESTORE);
    write(stage, "WiredTiger", "new");
    write(stage, "new-only.wt", "new");
    write(stage, "journal/WiredTigerLog.0000000001", "new");
    write(stage, "WiredTiger.backup", "new");
    newData = contents(stage);
    area.save(
        RestoreState.staging(RESTORE, "b", "m", Clock.systemUTC().instant())
            .at(Step.STAGED, Clock.systemUTC().instant()));
  }

  private Map<String, String> data() throws IOException {
    return contents(area.dataPath());
  }

  private static Map<String, String> contents(Path directory) throws IOException {
    Map<String, String> contents = new TreeMap<>();
    try (Stream<Path> found = Files.walk(directory)) {
      for (Path file : found.toList()) {
        String name = directory.relativize(file).toString();
        if (name.startsWith(".stillpoint") || name.startsWith("lost")) {
          continue;
        }
        if (Files.isSymbolicLink(file)) {
          contents.put(name, "-> " + Files.readSymbolicLink(file));
        } else if (Files.isRegularFile(file)) {
          contents.put(name, Files.readString(file));
        }
      }
    }
    return contents;
  }

  private static void write(Path directory, String name, String content) throws IOException {
    Files.createDirectories(directory.resolve(name).getParent());
    Files.writeString(directory.resolve(name), content);
  }
}
