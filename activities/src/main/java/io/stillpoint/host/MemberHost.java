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
import io.stillpoint.model.SnapshotRef;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.provider.ProgressListener;
import io.stillpoint.provider.SnapshotContent;
import io.stillpoint.provider.VolumeExchange;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

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
  private final List<VolumeExchange> volumes;

  public MemberHost(NodeSettings settings, FileLists lists, Clock clock) {
    this(settings, lists, clock, List.of(), List.of());
  }

  /**
   * @param contents how snapshots other than directories become readable here
   * @param volumes whose snapshots become volumes that take the live ones' places
   */
  public MemberHost(
      NodeSettings settings,
      FileLists lists,
      Clock clock,
      List<SnapshotContent> contents,
      List<VolumeExchange> volumes) {
    this.settings = settings;
    this.lists = lists;
    this.clock = clock;
    this.contents = List.copyOf(contents);
    this.volumes = List.copyOf(volumes);
  }

  public NodeReport inspect() {
    RestoreArea area = new RestoreArea(dataPath());
    String unfinished =
        replacements().stream()
            .flatMap(r -> r.area().unfinished().stream())
            .map(RestoreState::restore)
            .findFirst()
            .orElse("");
    exchanges().forEach(exchange -> exchanging(exchange).requirePossible());
    hold().requireUsable(exchanges().findAny().isPresent());
    return new Inspection(settings, area)
        .report(
            process(area).running(), unfinished, exchanges().map(VolumeExchange::type).toList());
  }

  public List<String> plan(StageRequest request) {
    return replacement(request).plan(request);
  }

  public StageReport stage(StageRequest request, ProgressListener listener, Runnable beat) {
    Replacement replacement = replacement(request);
    return replacement
        .area()
        .exclusively(
            beat,
            () ->
                replacement
                    .stage(request, stageable(replacement, request), listener, beat)
                    .staged()
                    .orElseThrow());
  }

  public String prepareStage(StageRequest request, Runnable beat) {
    Replacement replacement = inDataPath();
    RestoreArea area = replacement.area();
    return area.exclusively(
        beat,
        () -> {
          stageable(replacement, request);
          return area.makeDirectory(area.stage(request.restore())).toString();
        });
  }

  public void dropStage(String restore, Runnable beat) {
    Replacement replacement = replacement(restore);
    RestoreArea area = replacement.area();
    area.exclusively(
        beat,
        () -> {
          RestoreState state = stateOrNew(area, restore);
          if (state.step() == Step.STAGING || state.step() == Step.STAGED) {
            area.save(state.at(Step.DROPPED, clock.instant()));
          } else if (!state.step().isEnded()) {
            throw wrongStep(state, "its stage cannot be dropped");
          }
          if (state.step() != Step.RELEASED) {
            replacement.discard(restore, beat);
          }
          return null;
        });
  }

  /** Does nothing once the restore's old data is back: whatever runs then is not its to stop. */
  public void stop(String restore, Runnable beat) {
    Replacement replacement = replacement(restore);
    requireFree(restore);
    RestoreArea area = replacement.area();
    MongodProcess process = process(area);
    List<ProcessHandle> told =
        area.exclusively(
            beat,
            () -> {
              // Under the lock, so that a late stop of a dead restore is told before its undo
              // looks, or finds that undone.
              beat.run();
              Optional<RestoreState> state = area.state(restore);
              if (state.filter(s -> s.step() == Step.RELEASED).isPresent()) {
                throw wrongStep(state.get(), "its server is not stopped for it any more");
              }
              if (state.filter(s -> s.step().isEnded()).isPresent()) {
                return List.of();
              }
              hold().place(restore, settings.address());
              return process.tellToStop(beat);
            });
    process.awaitStopped(told, beat);
  }

  public void swap(String restore, Runnable beat) {
    Replacement replacement = replacement(restore);
    RestoreArea area = replacement.area();
    area.exclusively(
        beat,
        () -> {
          requireFree(restore);
          RestoreState state = required(area, restore);
          if (state.step() != Step.RECOVERED) {
            process(area).requireStopped();
          }
          replacement.swap(state, beat);
          return null;
        });
  }

  public RecoverReport recover(RecoverRequest request, Runnable beat, BeatGuard guard) {
    Replacement replacement = replacement(request.restore());
    RestoreArea area = replacement.area();
    return area.exclusively(
        beat,
        () -> {
          RestoreState state = required(area, request.restore());
          if (state.step() == Step.RECOVERED) {
            return state.recovered().orElseThrow();
          }
          if (!state.step().isSwappedIn()) {
            throw wrongStep(state, "only swapped-in data can be recovered");
          }
          replacement.requireInPlace(state);
          Path directory = area.directory(request.restore());
          new TemporaryMongod(settings, directory).endLeftover(beat);
          process(area).requireStopped();
          RecoverReport report =
              recover(state, request, new Recovery(settings, directory, beat, guard), area);
          area.deleteKeptMetadata(request.restore());
          return report;
        });
  }

  /** From SWAPPED, or from wherever an earlier call stopped, to RECOVERED. */
  private RecoverReport recover(
      RestoreState from, RecoverRequest request, Recovery recovery, RestoreArea area) {
    RestoreState state = from;
    if (state.step() == Step.SWAPPED) {
      RecoverReport report = recovery.proveAndEdit(request);
      Step next = report.replayed() ? Step.REPLAYING : Step.RECOVERED;
      state = state.proven(report, next, clock.instant());
      if (next == Step.RECOVERED) {
        state = state.recovered(logMark(area), clock.instant());
      }
      area.save(state);
    }
    if (state.step() == Step.REPLAYING) {
      recovery.replay(request);
      state = state.at(Step.RENAMING, clock.instant());
      area.save(state);
    }
    if (state.step() == Step.RENAMING) {
      recovery.rename(request);
      state = state.recovered(logMark(area), clock.instant());
      area.save(state);
    }
    return state.recovered().orElseThrow();
  }

  /** Refuses to start a server on data that is half moved or not yet recovered. */
  public void start(String restore, Runnable beat) {
    Replacement replacement = replacement(restore);
    RestoreArea area = replacement.area();
    area.exclusively(
        beat,
        () -> {
          for (Replacement one : replacements()) {
            one.area()
                .unfinished()
                .ifPresent(
                    state -> {
                      if (!state.step().isStartable()) {
                        throw wrongStep(state, "no server may be started on the data path now");
                      }
                      one.requireInPlace(state);
                    });
          }
          hold().lift();
          process(area).start(beat);
          return null;
        });
  }

  public void proveStart(String restore, ClusterTime point) {
    RestoreArea area = replacement(restore).area();
    RestoreState state = required(area, restore);
    if (state.step() != Step.RECOVERED) {
      throw wrongStep(state, "nothing was recovered whose start could be proven");
    }
    boolean replayed = state.recovered().orElseThrow().replayed();
    List<ClusterTime> truncations = replayed ? List.of() : List.of(point);
    MongodLog log = process(area).log();
    Optional<Path> actual = process(area).running().flatMap(StartComparison::log);
    String member = settings.address();
    state
        .log()
        .ifPresentOrElse(
            mark -> StartProof.require(log, member, actual, mark, truncations),
            () -> StartProof.require(log, member, actual, state.changedAt(), truncations));
  }

  private LogMark logMark(RestoreArea area) {
    try {
      return process(area).log().mark();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** How far a restore has come that was neither released nor undone; changes nothing. */
  public UnfinishedRestore unfinished() {
    Optional<Replacement> unfinished =
        replacements().stream().filter(r -> r.area().unfinished().isPresent()).findFirst();
    // A data path on a volume that a restore has unmounted holds no server.
    boolean running =
        Files.isDirectory(settings.dataPath()) && process(inDataPath().area()).isServing();
    return unfinished
        .flatMap(r -> r.area().unfinished())
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
    Replacement replacement = replacement(restore);
    RestoreArea area = replacement.area();
    area.exclusively(
        beat,
        () -> {
          requireFree(restore);
          RestoreState state = stateOrNew(area, restore);
          if (!state.step().isEnded() || state.step() == Step.RELEASED) {
            if (state.step() != Step.STAGING && state.step() != Step.STAGED) {
              new TemporaryMongod(settings, area.directory(restore)).endLeftover(beat);
              process(area).requireStopped();
            }
            new SpaceSavingUndo(replacement).run(state, beat);
          }
          replacement.discard(restore, beat);
          area.delete(area.old(restore), beat);
          area.deleteKeptMetadata(restore);
          return null;
        });
  }

  public void release(String restore, Runnable beat) {
    Replacement replacement = replacement(restore);
    RestoreArea area = replacement.area();
    area.exclusively(
        beat,
        () -> {
          RestoreState state = required(area, restore);
          if (state.step() == Step.RECOVERED) {
            area.save(state.at(Step.RELEASED, clock.instant()));
          } else if (state.step() != Step.RELEASED) {
            throw wrongStep(state, "its old data is not deleted");
          }
          replacement.release(state, beat);
          return null;
        });
  }

  /** A restore's own way is where its state is. */
  private Replacement replacement(String restore) {
    return exchanges()
        .map(this::exchanging)
        .filter(r -> r.area().state(restore).isPresent())
        .findFirst()
        .orElseGet(this::inDataPath);
  }

  private Replacement replacement(StageRequest request) {
    List<SnapshotType> types =
        request.snapshots().stream()
            .filter(s -> s.set().equals(request.sourceSet()))
            .map(SnapshotRef::provider)
            .distinct()
            .toList();
    return exchanges()
        .filter(exchange -> types.equals(List.of(exchange.type())))
        .findFirst()
        .map(this::exchanging)
        .orElseGet(this::inDataPath);
  }

  /** Every way whose state can be seen: a data path on an unmounted volume cannot. */
  private List<Replacement> replacements() {
    List<Replacement> all = new ArrayList<>(exchanges().map(this::exchanging).toList());
    if (Files.isDirectory(settings.dataPath())) {
      all.add(inDataPath());
    }
    return all;
  }

  private Stream<VolumeExchange> exchanges() {
    return volumes.stream().filter(v -> v.serves(settings.address()));
  }

  private Replacement exchanging(VolumeExchange exchange) {
    RestoreArea area =
        RestoreArea.apart(settings.dataPath(), exchange.stateDirectory(settings.address()));
    return new VolumeReplacement(
        area, new Staging(settings, lists, area, contents), exchange, clock, settings.address());
  }

  private Replacement inDataPath() {
    RestoreArea area = new RestoreArea(dataPath());
    return new DirectoryReplacement(
        area, new Staging(settings, lists, area, contents), clock, settings.address(), contents);
  }

  private void requireFree(String restore) {
    replacements().forEach(r -> r.area().requireFree(restore));
  }

  private RestoreState stageable(Replacement replacement, StageRequest request) throws IOException {
    RestoreArea area = replacement.area();
    requireFree(request.restore());
    for (Replacement other : replacements()) {
      // A restore that was dropped before it came here left its mark in the data path.
      other
          .area()
          .state(request.restore())
          .filter(state -> state.step().isEnded())
          .ifPresent(
              state -> {
                throw wrongStep(state, "nothing can be staged for it any more");
              });
    }
    new Inspection(settings, new RestoreArea(dataPath())).requireAble();
    replacement.requirePossible();
    hold().requireUsable(exchanges().findAny().isPresent());
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

  private Path dataPath() {
    if (!Files.isDirectory(settings.dataPath())) {
      throw new StillpointException(
          ErrorCode.AGENT_REFUSED,
          "data path %s of member %s does not exist on this host"
              .formatted(settings.dataPath(), settings.address()),
          "correct data-path in the node agent's configuration");
    }
    return settings.dataPath();
  }

  private StartHold hold() {
    return new StartHold(settings);
  }

  private MongodProcess process(RestoreArea area) {
    return new MongodProcess(settings, area.output(), MongodProcess.Patience.DEFAULT);
  }
}
