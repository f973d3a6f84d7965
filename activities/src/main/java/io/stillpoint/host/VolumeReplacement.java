package io.stillpoint.host;

import io.stillpoint.activity.NodeActivities.StageReport;
import io.stillpoint.activity.NodeActivities.StageRequest;
import io.stillpoint.activity.SnapshotActivities.Progress;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.host.RestoreState.Step;
import io.stillpoint.provider.ProgressListener;
import io.stillpoint.provider.VolumeExchange;
import io.stillpoint.provider.VolumeExchange.Fresh;
import java.io.IOException;
import java.time.Clock;
import java.util.List;

/**
 * Lets volumes made from snapshots take the places of the live ones. The old volumes stay attached
 * and untouched, so an undo needs nothing from the cloud but its list of attached volumes. Every
 * step is recorded before it begins; what is mounted tells how far it came.
 */
final class VolumeReplacement implements Replacement {

  private final RestoreArea area;
  private final Staging staging;
  private final VolumeExchange volumes;
  private final Clock clock;
  private final String member;
  private final DataSwap.Recorder recorder;

  VolumeReplacement(
      RestoreArea area, Staging staging, VolumeExchange volumes, Clock clock, String member) {
    this(area, staging, volumes, clock, member, area::save);
  }

  VolumeReplacement(
      RestoreArea area,
      Staging staging,
      VolumeExchange volumes,
      Clock clock,
      String member,
      DataSwap.Recorder recorder) {
    this.area = area;
    this.staging = staging;
    this.volumes = volumes;
    this.clock = clock;
    this.member = member;
    this.recorder = recorder;
  }

  @Override
  public RestoreArea area() {
    return area;
  }

  @Override
  public void requirePossible() {
    List<String> live = volumes.live(member);
    if (live.contains("")) {
      throw refused(
          "no volume is mounted in one of the live places of member %s: found %s"
              .formatted(member, live));
    }
    volumes.requireAllowed(member, live);
    if (area.isBelow(area.dataPath())) {
      throw refused(
          "state directory %s lies in the data path %s, which is exchanged"
              .formatted(area.output().getParent(), area.dataPath()));
    }
  }

  @Override
  public List<String> plan(StageRequest request) {
    requirePossible();
    return volumes.plan(request, volumes.live(member));
  }

  @Override
  public RestoreState stage(
      StageRequest request, RestoreState from, ProgressListener listener, Runnable beat)
      throws IOException {
    if (from.step() == Step.STAGED) {
      return from;
    }
    long bytes = request.files().bytes();
    Runnable alive = () -> listener.report(new Progress(0, bytes, 0, request.files().files()));
    List<String> live = volumes.live(member);
    Fresh fresh = volumes.open(request, live, alive);
    StageReport found = staging.clean(request, fresh.data(), alive);
    volumes.closeAside(member, alive);
    RestoreState staged =
        from.withVolumes(live, fresh.volumes(), clock.instant())
            .staged(
                new StageReport(
                    "volumes " + String.join(", ", fresh.volumes()), found.files(), found.bytes()),
                clock.instant());
    recorder.record(staged);
    return staged;
  }

  @Override
  public void discard(String restore, Runnable beat) {
    volumes.discard(restore, member, beat);
  }

  @Override
  public RestoreState swap(RestoreState from, Runnable beat) {
    RestoreState state = from;
    if (state.step() == Step.STAGED) {
      List<String> live = volumes.live(member);
      if (!live.equals(state.oldNames())) {
        throw refused(
            "member %s works on the volumes %s, but worked on %s when restore %s was staged"
                .formatted(member, live, state.oldNames(), state.restore()));
      }
      state = record(state, Step.MOVING_OLD);
    }
    if (state.step() == Step.MOVING_OLD) {
      volumes.unmount(member, beat);
      state = record(state, Step.MOVING_NEW);
    }
    if (state.step() == Step.MOVING_NEW) {
      volumes.mount(member, state.newNames(), beat);
      state = record(state, Step.SWAPPED);
    }
    if (!state.step().isSwappedIn()) {
      throw refused(
          "restore %s is %s on member %s and cannot be swapped in"
              .formatted(state.restore(), state.step(), member));
    }
    return state;
  }

  /** A host that was booted in between has mounted what its own tables name. */
  @Override
  public void requireInPlace(RestoreState state) {
    List<String> expected = state.step().isSwappedIn() ? state.newNames() : state.oldNames();
    List<String> live = volumes.live(member);
    if (!expected.isEmpty() && !live.equals(expected)) {
      throw refused(
          "the live places of member %s hold the volumes %s, but restore %s (%s) left %s there"
              .formatted(member, live, state.restore(), state.step(), expected));
    }
  }

  @Override
  public RestoreState undo(RestoreState from, Runnable beat) {
    RestoreState state = from;
    switch (state.step()) {
      case STAGING, STAGED -> state = record(state, Step.UNDONE);
      case MOVING_OLD, MOVING_NEW, SWAPPED, REPLAYING, RENAMING, RECOVERED ->
          state = record(state, Step.UNDO_DISCARDING);
      case UNDO_DISCARDING, UNDO_RETURNING, UNDONE, DROPPED -> {
        // Resumed, or done before.
      }
      case RELEASED ->
          throw new StillpointException(
              ErrorCode.UNDO_FAILED,
              "restore %s was released on member %s, so its old volumes %s are given up"
                  .formatted(state.restore(), member, state.oldNames()),
              "restore a backup instead: stillpoint list");
    }
    if (state.step() == Step.UNDO_DISCARDING) {
      if (!volumes.live(member).equals(state.oldNames())) {
        volumes.unmount(member, beat);
      }
      state = record(state, Step.UNDO_RETURNING);
    }
    if (state.step() == Step.UNDO_RETURNING) {
      volumes.mount(member, state.oldNames(), beat);
      state = record(state, Step.UNDONE);
    }
    return state;
  }

  @Override
  public void release(RestoreState state, Runnable beat) {
    volumes.release(member, state.oldNames(), beat);
  }

  private RestoreState record(RestoreState state, Step step) {
    RestoreState next = state.at(step, clock.instant());
    recorder.record(next);
    return next;
  }

  private static StillpointException refused(String message) {
    return new StillpointException(
        ErrorCode.AGENT_REFUSED,
        message,
        "look at the mounts on this host and at the agent's restore-mounts, then resume");
  }
}
