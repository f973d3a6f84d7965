package io.stillpoint.command;

import io.stillpoint.activity.NodeActivities.StageRequest;
import io.stillpoint.error.ErrorCode;
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
