package io.stillpoint.command;

import io.stillpoint.activity.NodeActivities.StageRequest;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.SnapshotRef;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.provider.SnapshotContent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Lets the configured program make its snapshots readable, and take them away again. */
public final class CommandContent implements SnapshotContent {

  private static final Duration SHORT = Duration.ofMinutes(5);

  private final CommandSettings settings;
  private final CommandProgram program;

  public CommandContent(CommandSettings settings) {
    this.settings = settings;
    this.program = new CommandProgram(settings);
  }

  @Override
  public SnapshotType type() {
    return SnapshotType.COMMAND;
  }

  /**
   * Asks whether the snapshots are there. A program need not know those that another host's made,
   * so only on the member that they are of its word is final.
   */
  @Override
  public List<String> plan(StageRequest request, Path dataPath) {
    List<SnapshotRef> snapshots =
        request.snapshots().stream().filter(s -> s.set().equals(request.sourceSet())).toList();
    List<String> lost = lost(request, snapshots);
    if (lost.isEmpty()) {
      return List.of();
    }
    String said =
        "program %s on the host of %s does not know snapshot %s"
            .formatted(settings.program().get(0), request.member(), String.join(", ", lost));
    if (snapshots.stream().anyMatch(s -> s.member().equals(request.member()))) {
      throw new StillpointException(
          ErrorCode.SNAPSHOT_UNREACHABLE,
          said + " any more",
          "bring it back, or use another backup: stillpoint list; nothing was changed");
    }
    return List.of("note: %s; it may yet be able to restore it".formatted(said));
  }

  private List<String> lost(StageRequest request, List<SnapshotRef> snapshots) {
    List<String> ids = snapshots.stream().map(SnapshotRef::id).toList();
    CommandCall call =
        CommandCall.of("poll", request.member())
            .with("set", request.sourceSet())
            .with("snapshots", ids);
    List<String> found =
        program.run(call, SHORT, () -> {}).snapshots().stream()
            .map(CommandAnswer.Snapshot::id)
            .toList();
    return ids.stream().filter(id -> !found.contains(id)).toList();
  }

  @Override
  public Path open(StageRequest request, Runnable alive) {
    List<String> ids =
        request.snapshots().stream()
            .filter(s -> s.set().equals(request.sourceSet()))
            .map(SnapshotRef::id)
            .toList();
    CommandCall call =
        CommandCall.of("restore", request.member())
            .with("restore", request.restore())
            .with("backup", request.backup())
            .with("set", request.sourceSet())
            .with("snapshots", ids);
    CommandAnswer answer = program.run(call, settings.limit(), alive);
    Path directory = Path.of(answer.directory().orElse(""));
    if (!directory.isAbsolute() || !Files.isDirectory(directory)) {
      throw program.failure(
          ErrorCode.SNAPSHOT_UNREACHABLE,
          call,
          "named '%s', which is not a directory of this host".formatted(directory),
          "");
    }
    return directory;
  }

  @Override
  public void close(String restore, String member, Runnable alive) {
    program.run(CommandCall.of("release", member).with("restore", restore), SHORT, alive);
  }
}
