package io.stillpoint.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.host.MortalVolumes.Killed;
import io.stillpoint.host.RestoreState.Step;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kills the exchange before and after every mount, unmount and record, in both directions. */
class VolumeReplacementTest {

  private static final String RESTORE = "r1";
  private static final Runnable BEAT = () -> {};

  @TempDir private Path temp;
  private int round;
  private RestoreArea area;
  private MortalVolumes volumes;

  @BeforeEach
  void prepare() throws IOException {
    Path state = Files.createDirectories(temp.resolve("state" + round++));
    area = RestoreArea.apart(temp.resolve("db"), state);
    volumes = new MortalVolumes(state);
    area.save(
        RestoreState.staging(RESTORE, "b", "m", Clock.systemUTC().instant())
            .withVolumes(MortalVolumes.OLD, MortalVolumes.NEW, Clock.systemUTC().instant())
            .at(Step.STAGED, Clock.systemUTC().instant()));
  }

  @Test
  void shouldLetTheNewVolumesTakeTheOldOnesPlaces() {
    replacement().swap(state(), BEAT);

    assertThat(volumes.mounted).isEqualTo(MortalVolumes.NEW);
    assertThat(volumes.attached).containsAll(MortalVolumes.OLD);
    assertThat(state().step()).isEqualTo(Step.SWAPPED);
  }

  @Test
  void shouldResumeASwapThatWasKilledAnywhere() throws IOException {
    int rounds = 0;
    for (boolean after : new boolean[] {false, true}) {
      for (int kill = 1; swapKilledAt(kill, after); kill++) {
        replacement().swap(state(), BEAT);
        assertThat(volumes.mounted).as("kill %d %s", kill, after).isEqualTo(MortalVolumes.NEW);
        rounds++;
        prepare();
      }
      prepare();
    }
    assertThat(rounds).isGreaterThanOrEqualTo(14);
  }

  @Test
  void shouldUndoASwapThatWasKilledAnywhere() throws IOException {
    int rounds = 0;
    for (boolean after : new boolean[] {false, true}) {
      for (int kill = 1; swapKilledAt(kill, after); kill++) {
        replacement().undo(state(), BEAT);
        replacement().discard(RESTORE, BEAT);
        assertThat(volumes.mounted).as("kill %d %s", kill, after).isEqualTo(MortalVolumes.OLD);
        assertThat(volumes.attached).isEqualTo(java.util.Set.copyOf(MortalVolumes.OLD));
        assertThat(state().step()).isEqualTo(Step.UNDONE);
        rounds++;
        prepare();
      }
      prepare();
    }
    assertThat(rounds).isGreaterThanOrEqualTo(14);
  }

  @Test
  void shouldResumeAnUndoThatWasKilledAnywhereAfterASwapThatWasKilledAnywhere() throws IOException {
    int rounds = 0;
    for (int kill = 1; swapKilledAt(kill, true); kill++) {
      for (int undoKill = 1; undoKilledAt(undoKill, undoKill % 2 == 0); undoKill++) {
        replacement().undo(state(), BEAT);
        assertThat(volumes.mounted).as("kill %d, %d", kill, undoKill).isEqualTo(MortalVolumes.OLD);
        rounds++;
        prepare();
        swapKilledAt(kill, true);
      }
      prepare();
    }
    assertThat(rounds).isGreaterThan(20);
  }

  @Test
  void shouldUndoFromEveryStepOfARecovery() throws IOException {
    for (Step step : new Step[] {Step.REPLAYING, Step.RENAMING, Step.RECOVERED}) {
      replacement().swap(state(), BEAT);
      area.save(state().at(step, Clock.systemUTC().instant()));
      replacement().swap(state(), BEAT);
      assertThat(state().step()).isEqualTo(step);
      replacement().requireInPlace(state());

      replacement().undo(state(), BEAT);

      assertThat(volumes.mounted).as("from %s", step).isEqualTo(MortalVolumes.OLD);
      prepare();
    }
  }

  @Test
  void shouldRefuseToSwapWhenOtherVolumesAreLiveThanWhenItWasStaged() {
    volumes.mounted.set(0, "vol-somebody-elses");

    assertRefused(() -> replacement().swap(state(), BEAT), ErrorCode.AGENT_REFUSED);
    assertThat(volumes.mounted).containsExactly("vol-somebody-elses", "vol-old-journal");
  }

  @Test
  void shouldRefuseToGoOnWhenABootBroughtTheOldVolumesBack() {
    replacement().swap(state(), BEAT);
    volumes.mounted.clear();
    volumes.mounted.addAll(MortalVolumes.OLD);

    assertRefused(() -> replacement().requireInPlace(state()), ErrorCode.AGENT_REFUSED);
  }

  @Test
  void shouldRefuseToUndoWhatWasReleased() {
    replacement().swap(state(), BEAT);
    area.save(state().at(Step.RELEASED, Clock.systemUTC().instant()));
    replacement().release(state(), BEAT);

    assertRefused(() -> replacement().undo(state(), BEAT), ErrorCode.UNDO_FAILED);
    assertThat(volumes.mounted).isEqualTo(MortalVolumes.NEW);
    assertThat(volumes.attached).isEqualTo(java.util.Set.copyOf(MortalVolumes.NEW));
  }

  @Test
  void shouldRefuseAPlaceWithoutAVolume() {
    volumes.mounted.set(1, "");

    assertRefused(() -> replacement().requirePossible(), ErrorCode.AGENT_REFUSED);
  }

  private boolean swapKilledAt(int effects, boolean after) {
    return killed(effects, after, () -> replacement().swap(state(), BEAT));
  }

  private boolean undoKilledAt(int effects, boolean after) {
    return killed(effects, after, () -> replacement().undo(state(), BEAT));
  }

  /** Whether the work was killed; if there were fewer effects, it came to its end. */
  private boolean killed(int effects, boolean after, Runnable work) {
    volumes.dieAt(effects, after);
    try {
      work.run();
      return false;
    } catch (Killed e) {
      return true;
    } finally {
      volumes.live();
    }
  }

  private VolumeReplacement replacement() {
    return new VolumeReplacement(
        area,
        new Staging(null, null, area, java.util.List.of()),
        volumes,
        Clock.systemUTC(),
        "m",
        state -> volumes.effect(() -> area.save(state)));
  }

  private RestoreState state() {
    return area.state(RESTORE).orElseThrow();
  }

  private static void assertRefused(Runnable work, ErrorCode code) {
    assertThatThrownBy(work::run)
        .isInstanceOfSatisfying(
            StillpointException.class, e -> assertThat(e.code()).isEqualTo(code));
  }
}
