package io.stillpoint.host;

import io.stillpoint.activity.NodeActivities.StageReport;
import io.stillpoint.activity.NodeActivities.StageRequest;
import io.stillpoint.host.RestoreState.Step;
import io.stillpoint.provider.ProgressListener;
import io.stillpoint.provider.SnapshotContent;
import java.time.Clock;
import java.util.List;

/** Stages files in the data path and swaps them in by renames. */
final class DirectoryReplacement implements Replacement {

  private final RestoreArea area;
  private final Staging staging;
  private final DataSwap swap;
  private final Clock clock;
  private final String member;
  private final List<SnapshotContent> contents;

  DirectoryReplacement(
      RestoreArea area,
      Staging staging,
      Clock clock,
      String member,
      List<SnapshotContent> contents) {
    this.area = area;
    this.staging = staging;
    this.swap = new DataSwap(area, clock);
    this.clock = clock;
    this.member = member;
    this.contents = List.copyOf(contents);
  }

  @Override
  public RestoreArea area() {
    return area;
  }

  @Override
  public void requirePossible() {
    swap.requireMovable();
  }

  @Override
  public List<String> plan(StageRequest request) {
    return staging.plan(request);
  }

  @Override
  public RestoreState stage(
      StageRequest request, RestoreState from, ProgressListener listener, Runnable beat) {
    if (from.step() == Step.STAGED) {
      staging.check(request, area.stage(request.restore()));
      return from;
    }
    StageReport report = staging.fill(request, listener);
    RestoreState staged = from.staged(report, clock.instant());
    area.save(staged);
    return staged;
  }

  @Override
  public void discard(String restore, Runnable beat) {
    contents.forEach(content -> content.close(restore, member, beat));
    area.delete(area.stage(restore), beat);
    area.delete(area.discard(restore), beat);
  }

  @Override
  public RestoreState swap(RestoreState from, Runnable beat) {
    return swap.swap(from);
  }

  @Override
  public void requireInPlace(RestoreState state) {
    // Nothing but this agent moves the entries of a data path.
  }

  @Override
  public RestoreState undo(RestoreState from, Runnable beat) {
    return swap.undo(from, beat);
  }

  @Override
  public void release(RestoreState state, Runnable beat) {
    area.delete(area.old(state.restore()), beat);
    area.delete(area.stage(state.restore()), beat);
  }
}
