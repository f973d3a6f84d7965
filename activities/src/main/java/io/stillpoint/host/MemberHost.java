package io.stillpoint.host;

import io.stillpoint.activity.NodeActivities.NodeReport;
import io.stillpoint.activity.NodeActivities.RecoverReport;
import io.stillpoint.activity.NodeActivities.RecoverRequest;
import io.stillpoint.activity.NodeActivities.StageReport;
import io.stillpoint.activity.NodeActivities.StageRequest;
import io.stillpoint.activity.NodeActivities.UnfinishedRestore;
import io.stillpoint.catalog.FileLists;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.host.RestoreState.Step;
import io.stillpoint.model.ClusterTime;
import io.stillpoint.provider.ProgressListener;
import io.stillpoint.provider.SnapshotContent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;

/**
 * Everything that restores do on one member's host. Each method checks first how far the restore
 * has come, so that it may be repeated, and refuses what does not follow from there: a late
 * repetition of a step of an ended restore changes nothing.
 */
public final class MemberHost {

  private final NodeSettings settings;
  private final FileLists lists;
  private final Clock clock;
  private final List<SnapshotContent> contents;
  private final MongodProcess.Patience patience;

  public MemberHost(NodeSettings settings, FileLists lists, Clock clock) {
    this(settings, lists, clock, List.of());
  }

  /**
   * @param contents how snapshots other than directories become readable here
   */
  public MemberHost(
      NodeSettings settings, FileLists lists, Clock clock, List<SnapshotContent> contents) {
    this(settings, lists, clock, contents, MongodProcess.Patience.DEFAULT);
  }

  MemberHost(
      NodeSettings settings,
      FileLists lists,
      Clock clock,
      List<SnapshotContent> contents,
      MongodProcess.Patience patience) {
    this.contents = List.copyOf(contents);
    this.settings = settings;
    this.lists = lists;
    this.clock = clock;
    this.patience = patience;
  }

  public NodeReport inspect() {
    RestoreArea area = area();
    return new Inspection(settings, area).report(process(area).running().isPresent());
  }

  public StageReport stage(StageRequest request, ProgressListener listener, Runnable beat) {
    RestoreArea area = area();
    return area.exclusively(
        beat,
        () -> {
          RestoreState state = stageable(area, request);
          Staging staging = new Staging(settings, lists, area, contents);
          if (state.step() == Step.STAGED) {
            staging.check(request, area.stage(request.restore()));
            return state.staged().orElseThrow();
          }
          StageReport report = staging.fill(request, listener);
          area.save(state.staged(report, clock.instant()));
          return report;
        });
  }

  public String prepareStage(StageRequest request, Runnable beat) {
    RestoreArea area = area();
    return area.exclusively(
        beat,
        () -> {
          stageable(area, request);
          return area.makeDirectory(area.stage(request.restore())).toString();
        });
  }

  public void dropStage(String restore, Runnable beat) {
    RestoreArea area = area();
    area.exclusively(
        beat,
        () -> {
          RestoreState state = stateOrNew(area, restore);
          if (state.step() == Step.STAGING || state.step() == Step.STAGED) {
            area.save(state.at(Step.DROPPED, clock.instant()));
          } else if (!state.step().isEnded()) {
            throw wrongStep(state, "its stage cannot be dropped");
          }
          closeContents(restore, beat);
          area.delete(area.stage(restore), beat);
          return null;
        });
  }

  public void stop(String restore, Runnable beat) {
    RestoreArea area = area();
    area.requireFree(restore);
    process(area).stop(beat);
  }

  public void swap(String restore, Runnable beat) {
    RestoreArea area = area();
    area.exclusively(
        beat,
        () -> {
          area.requireFree(restore);
          RestoreState state = required(area, restore);
          if (state.step() != Step.RECOVERED) {
            process(area).requireStopped();
          }
          new DataSwap(area, clock).swap(state);
          return null;
        });
  }

  public RecoverReport recover(RecoverRequest request, Runnable beat, BeatGuard guard) {
    RestoreArea area = area();
    return area.exclusively(
        beat,
        () -> {
          RestoreState state = required(area, request.restore());
          if (state.step() == Step.RECOVERED) {
            return state.recovered().orElseThrow();
          }
          if (state.step() != Step.SWAPPED) {
            throw wrongStep(state, "only swapped-in data can be recovered");
          }
          Path directory = area.directory(request.restore());
          new TemporaryMongod(settings, directory).endLeftover(beat);
          process(area).requireStopped();
          RecoverReport report = new Recovery(settings, directory).run(request, beat, guard);
          area.save(state.recovered(report, clock.instant()));
          return report;
        });
  }

  /** Refuses to start a server on data that is half moved or not yet recovered. */
  public void start(String restore, Runnable beat) {
    RestoreArea area = area();
    area.exclusively(
        beat,
        () -> {
          area.unfinished()
              .filter(state -> !state.step().isStartable())
              .ifPresent(
                  state -> {
                    throw wrongStep(state, "no server may be started on the data path now");
                  });
          process(area).start(beat);
          return null;
        });
  }

  public void proveStart(String restore, ClusterTime point) {
    RestoreArea area = area();
    RestoreState state = required(area, restore);
    if (state.step() != Step.RECOVERED) {
      throw wrongStep(state, "nothing was recovered whose start could be proven");
    }
    StartProof.require(process(area).log(), settings.address(), state.changedAt(), point);
  }

  /** How far a restore has come that was neither released nor undone; changes nothing. */
  public UnfinishedRestore unfinished() {
    RestoreArea area = area();
    boolean running = process(area).running().isPresent();
    return area.unfinished()
        .map(
            s ->
                new UnfinishedRestore(
                    s.restore(),
                    s.step().name(),
                    s.step() != Step.STAGING && s.step() != Step.STAGED,
                    s.step() == Step.RECOVERED,
                    running))
        .orElseGet(() -> new UnfinishedRestore("", "", false, false, running));
  }

  public void undo(String restore, Runnable beat) {
    RestoreArea area = area();
    area.exclusively(
        beat,
        () -> {
          area.requireFree(restore);
          RestoreState state = stateOrNew(area, restore);
          if (!state.step().isEnded() || state.step() == Step.RELEASED) {
            if (state.step() != Step.STAGING && state.step() != Step.STAGED) {
              new TemporaryMongod(settings, area.directory(restore)).endLeftover(beat);
              process(area).requireStopped();
            }
            new DataSwap(area, clock).undo(state);
          }
          closeContents(restore, beat);
          area.delete(area.stage(restore), beat);
          area.delete(area.discard(restore), beat);
          area.delete(area.old(restore), beat);
          return null;
        });
  }

  public void release(String restore, Runnable beat) {
    RestoreArea area = area();
    area.exclusively(
        beat,
        () -> {
          RestoreState state = required(area, restore);
          if (state.step() == Step.RECOVERED) {
            area.save(state.at(Step.RELEASED, clock.instant()));
          } else if (state.step() != Step.RELEASED) {
            throw wrongStep(state, "its old data is not deleted");
          }
          area.delete(area.old(restore), beat);
          area.delete(area.stage(restore), beat);
          return null;
        });
  }

  private void closeContents(String restore, Runnable beat) {
    contents.forEach(content -> content.close(restore, settings.address(), beat));
  }

  private RestoreState stageable(RestoreArea area, StageRequest request) throws IOException {
    area.requireFree(request.restore());
    new Inspection(settings, area).requireAble();
    new DataSwap(area, clock).requireMovable();
    RestoreState state =
        area.state(request.restore())
            .orElseGet(
                () ->
                    RestoreState.staging(
                        request.restore(), request.backup(), settings.address(), clock.instant()));
    if (!state.backup().equals(request.backup())
        || state.step() != Step.STAGING && state.step() != Step.STAGED) {
      throw wrongStep(state, "nothing can be staged for it with backup " + request.backup());
    }
    if (state.step() == Step.STAGING) {
      Files.createDirectories(area.directory(request.restore()));
      area.save(state);
    }
    return state;
  }

  /** A restore that never came to this member can be ended here, which keeps its late steps out. */
  private RestoreState stateOrNew(RestoreArea area, String restore) {
    return area.state(restore)
        .orElseGet(() -> RestoreState.staging(restore, "", settings.address(), clock.instant()));
  }

  private static RestoreState required(RestoreArea area, String restore) {
    return area.state(restore)
        .orElseThrow(
            () ->
                new StillpointException(
                    ErrorCode.AGENT_REFUSED,
                    "restore %s never staged anything in %s".formatted(restore, area.dataPath()),
                    "start the restore again under a new name"));
  }

  private static StillpointException wrongStep(RestoreState state, String what) {
    return new StillpointException(
        ErrorCode.AGENT_REFUSED,
        "restore %s of backup %s is %s on %s: %s"
            .formatted(state.restore(), state.backup(), state.step(), state.member(), what),
        "see stillpoint describe-restore %s; start another restore under a new name"
            .formatted(state.restore()));
  }

  private RestoreArea area() {
    if (!Files.isDirectory(settings.dataPath())) {
      throw new StillpointException(
          ErrorCode.AGENT_REFUSED,
          "data path %s of member %s does not exist on this host"
              .formatted(settings.dataPath(), settings.address()),
          "correct data-path in the node agent's configuration");
    }
    return new RestoreArea(settings.dataPath());
  }

  private MongodProcess process(RestoreArea area) {
    return new MongodProcess(settings, area.output(), patience);
  }
}
