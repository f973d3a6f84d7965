package io.stillpoint.command;

import io.stillpoint.activity.SnapshotActivities.CutRequest;
import io.stillpoint.activity.SnapshotActivities.DeleteRequest;
import io.stillpoint.activity.SnapshotActivities.Progress;
import io.stillpoint.activity.SnapshotActivities.VolumePlan;
import io.stillpoint.activity.SnapshotActivities.VolumeRequest;
import io.stillpoint.catalog.FileEntry;
import io.stillpoint.catalog.FileLists;
import io.stillpoint.directory.DataPath;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.host.NodeMembers;
import io.stillpoint.host.NodeSettings;
import io.stillpoint.model.BackupCursor;
import io.stillpoint.model.SnapshotRef;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.provider.ProgressListener;
import io.stillpoint.provider.SnapshotProvider;
import io.stillpoint.storage.ExclusiveLock;
import io.stillpoint.storage.FileName;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Hands every step to the configured program; see docs/command-provider.md for the contract. */
public final class CommandProvider implements SnapshotProvider {

  /** What only looks or deletes is quick. */
  private static final Duration SHORT = Duration.ofMinutes(5);

  /** A successor waits until the program of a cancelled attempt has been killed. */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final NodeMembers members;
  private final FileLists lists;
  private final CommandSettings settings;
  private final CommandProgram program;

  public CommandProvider(NodeMembers members, FileLists lists, CommandSettings settings) {
    this.members = members;
    this.lists = lists;
    this.settings = settings;
    this.program = new CommandProgram(settings);
  }

  @Override
  public SnapshotType type() {
    return SnapshotType.COMMAND;
  }

  @Override
  public VolumePlan resolve(VolumeRequest request) {
    NodeSettings node = members.require(request.member());
    FileName.require("backup", request.backup());
    DataPath data = new DataPath(node.dataPath());
    data.requireSameAs(request.dbPath(), request.member());
    CommandCall call =
        CommandCall.of("resolve", request.member())
            .with("cluster", request.cluster())
            .with("backup", request.backup())
            .with("set", request.set())
            .with("dataPath", node.dataPath().toString());
    CommandAnswer answer = program.run(call, SHORT, () -> {});
    if (answer.volumes().isEmpty()) {
      throw program.failure(ErrorCode.VOLUME_UNSUITABLE, call, "named no volume", "");
    }
    return new VolumePlan(answer.volumes(), answer.freeBytes(), answer.warnings());
  }

  @Override
  public List<SnapshotRef> cut(CutRequest request, ProgressListener progress) {
    BackupCursor cursor = request.cursor();
    NodeSettings node = members.require(cursor.member());
    new DataPath(node.dataPath()).requireSameAs(cursor.dbPath(), cursor.member());
    Progress nothing = new Progress(0, cursor.files().bytes(), 0, cursor.files().files());
    Runnable alive = () -> progress.report(nothing);
    return locked(
        node,
        alive,
        () -> {
          Path list = fileList(request);
          try {
            CommandCall call =
                CommandCall.of("cut", cursor.member())
                    .with(
                        "key",
                        keyPrefix(request.backup(), cursor.set(), request.attempt())
                            + FileName.of(cursor.cursorBackupId()))
                    .with("cluster", request.cluster())
                    .with("backup", request.backup())
                    .with("set", cursor.set())
                    .with("attempt", request.attempt())
                    .with("cursor", cursor.cursorBackupId())
                    .with("point", request.point().toString())
                    .with("dataPath", node.dataPath().toString())
                    .with("fileList", list.toString())
                    .with("tags", request.tags());
            CommandAnswer answer = program.run(call, settings.limit(), alive);
            return references(call, answer, cursor.cursorBackupId());
          } finally {
            Files.deleteIfExists(list);
          }
        });
  }

  @Override
  public Readiness poll(List<SnapshotRef> snapshots) {
    Map<String, SnapshotRef> now = new HashMap<>();
    for (List<SnapshotRef> own : byMember(snapshots).values()) {
      SnapshotRef first = own.get(0);
      members.require(first.member());
      CommandCall call =
          CommandCall.of("poll", first.member())
              .with("set", first.set())
              .with("snapshots", ids(own));
      for (CommandAnswer.Snapshot seen : program.run(call, SHORT, () -> {}).snapshots()) {
        own.stream()
            .filter(s -> s.id().equals(seen.id()))
            .forEach(s -> now.put(s.id(), seenAs(s, seen)));
      }
    }
    List<SnapshotRef> seen = new ArrayList<>();
    for (SnapshotRef snapshot : snapshots) {
      SnapshotRef current = now.get(snapshot.id());
      if (current == null) {
        throw new StillpointException(
            ErrorCode.SNAPSHOT_FAILED,
            "program %s does not know snapshot %s any more"
                .formatted(settings.program(), snapshot.id()),
            "find out who deleted it, then start a new backup");
      }
      seen.add(current);
    }
    long ready = seen.stream().filter(SnapshotRef::ready).count();
    long all = seen.stream().mapToLong(SnapshotRef::bytes).sum();
    long done = seen.stream().filter(SnapshotRef::ready).mapToLong(SnapshotRef::bytes).sum();
    return new Readiness(seen, new Progress(done, all, ready, seen.size()));
  }

  @Override
  public void delete(DeleteRequest request) {
    NodeSettings node = members.require(request.member());
    locked(
        node,
        () -> {},
        () ->
            program.run(
                CommandCall.of("delete", request.member())
                    .with("cluster", request.cluster())
                    .with("backup", request.backup())
                    .with("set", request.set())
                    .with("attempt", request.attempt())
                    .with(
                        "keyPrefix", keyPrefix(request.backup(), request.set(), request.attempt())),
                SHORT,
                () -> {}));
  }

  @Override
  public void discard(String cluster, String backup, List<SnapshotRef> snapshots) {
    for (List<SnapshotRef> own : byMember(snapshots).values()) {
      SnapshotRef first = own.get(0);
      members.require(first.member());
      program.run(
          CommandCall.of("delete", first.member())
              .with("cluster", cluster)
              .with("backup", FileName.require("backup", backup))
              .with("set", first.set())
              .with("snapshots", ids(own)),
          SHORT,
          () -> {});
    }
  }

  @Override
  public List<SnapshotRef> list(String cluster, String backup) {
    List<SnapshotRef> found = new ArrayList<>();
    for (NodeSettings node : members.all()) {
      CommandCall call =
          CommandCall.of("list", node.address())
              .with("cluster", cluster)
              .with("backup", FileName.require("backup", backup))
              .with("dataPath", node.dataPath().toString());
      for (CommandAnswer.Snapshot seen : program.run(call, SHORT, () -> {}).snapshots()) {
        found.add(reference(seen, seen.set(), node.address(), seen.cursor()));
      }
    }
    return found;
  }

  /**
   * The beginning of the key of a cut, which goes on with the cursor, so that no lost one's cut is
   * taken for a good one. No name has a plus sign in it, so no set's prefix is that of another.
   */
  private static String keyPrefix(String backup, String set, int attempt) {
    return "%s/%s+%d+".formatted(FileName.require("backup", backup), FileName.of(set), attempt);
  }

  /** Files that the server does not list, and that are not there, are left out. */
  private Path fileList(CutRequest request) throws IOException {
    Path data = members.require(request.cursor().member()).dataPath();
    Path file = Files.createTempFile("stillpoint-files", ".txt");
    try (BufferedWriter out = Files.newBufferedWriter(file);
        Stream<FileEntry> entries = lists.entries(request.backup(), request.cursor().files())) {
      for (FileEntry entry : (Iterable<FileEntry>) entries::iterator) {
        if (!entry.isOptional() || Files.exists(data.resolve(entry.path()))) {
          out.write(entry.path());
          out.write('\n');
        }
      }
      return file;
    } catch (IOException | RuntimeException e) {
      Files.deleteIfExists(file);
      throw e;
    }
  }

  private List<SnapshotRef> references(CommandCall call, CommandAnswer answer, String cursor) {
    if (answer.snapshots().isEmpty()
        || !answer.snapshots().stream().allMatch(CommandAnswer.Snapshot::isSound)) {
      throw program.failure(
          ErrorCode.SNAPSHOT_FAILED, call, "named no snapshot, or one without a sound id", "");
    }
    return answer.snapshots().stream()
        .map(s -> reference(s, call.text("set"), call.member(), cursor))
        .toList();
  }

  private static SnapshotRef reference(
      CommandAnswer.Snapshot seen, String set, String member, String cursor) {
    return new SnapshotRef(
        set,
        member,
        SnapshotType.COMMAND,
        seen.id(),
        seen.volume(),
        seen.role(),
        cursor,
        Math.max(0, seen.bytes()),
        seen.ready());
  }

  private static SnapshotRef seenAs(SnapshotRef before, CommandAnswer.Snapshot seen) {
    return new SnapshotRef(
        before.set(),
        before.member(),
        before.provider(),
        before.id(),
        before.volume(),
        before.role(),
        before.cursorBackupId(),
        seen.bytes() > 0 ? seen.bytes() : before.bytes(),
        seen.ready());
  }

  private static Map<String, List<SnapshotRef>> byMember(List<SnapshotRef> snapshots) {
    Function<SnapshotRef, String> member = SnapshotRef::member;
    return snapshots.stream().collect(Collectors.groupingBy(member));
  }

  private static List<String> ids(List<SnapshotRef> snapshots) {
    return snapshots.stream().map(SnapshotRef::id).toList();
  }

  /** One program at a time changes something for a member, whatever attempt it belongs to. */
  private static <T> T locked(NodeSettings node, Runnable waiting, ExclusiveLock.Action<T> action) {
    Path lock =
        node.snapshotRoot().resolve(".locks").resolve(FileName.of(node.address()) + ".command");
    try {
      return ExclusiveLock.holding(lock, PATIENCE, waiting, action);
    } catch (IOException e) {
      throw new StillpointException(
          ErrorCode.TARGET_NOT_WRITABLE,
          "the agent cannot use %s: %s".formatted(node.snapshotRoot(), e),
          "make stillpoint.node.snapshot-root writable for the node agent's user",
          e);
    }
  }
}
