package io.stillpoint.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stillpoint.activity.NodeActivities;
import io.stillpoint.activity.NodeActivities.StageRequest;
import io.stillpoint.activity.SnapshotActivities;
import io.stillpoint.activity.SnapshotActivities.CutRequest;
import io.stillpoint.activity.SnapshotActivities.DeleteRequest;
import io.stillpoint.activity.SnapshotActivities.VolumeRequest;
import io.stillpoint.catalog.DirectoryCatalog;
import io.stillpoint.directory.DirectoryProvider;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.BackupCursor;
import io.stillpoint.model.ClusterTime;
import io.stillpoint.model.FileListRef;
import io.stillpoint.model.SnapshotRef;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.provider.ProgressListener;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever arrives in a request, nothing outside of the configured directories changes. */
class AgentSafetyTest {

  private static final String MEMBER = "db1:27017";
  private static final String NEIGHBOUR = "db1:27018";
  private static final FileListRef NO_FILES = new FileListRef("s0-1-0.files", 0, 0, "00");

  @TempDir private Path temp;
  private Path data;
  private Path neighbour;
  private Path snapshots;
  private DirectoryProvider provider;
  private MemberHost host;
  private Map<String, String> before;

  @BeforeEach
  void make() throws IOException {
    data = directory("data");
    neighbour = directory("neighbour");
    snapshots = directory("snapshots");
    Path outside = directory("outside");
    Files.createSymbolicLink(snapshots.resolve("door"), outside);
    Files.createSymbolicLink(data.resolve("door"), outside);
    NodeMembers members =
        new NodeMembers(List.of(settings(MEMBER, data), settings(NEIGHBOUR, neighbour)));
    DirectoryCatalog catalog = new DirectoryCatalog(temp.resolve("catalog"), Clock.systemUTC());
    provider = new DirectoryProvider(members, catalog.fileLists(), Clock.systemUTC());
    host = new MemberHost(members.require(MEMBER), catalog.fileLists(), Clock.systemUTC());
    before = everything();
  }

  /** Also after a request that was not refused: what it may have made is its own, and empty. */
  @AfterEach
  void shouldHaveLeftEverythingAsItWas() throws IOException {
    assertThat(everything()).containsAllEntriesOf(before);
  }

  private Path directory(String name) throws IOException {
    Path directory = Files.createDirectories(temp.resolve(name));
    Files.writeString(directory.resolve("precious"), name);
    return directory;
  }

  private NodeSettings settings(String address, Path dataPath) {
    return new NodeSettings(
        address,
        dataPath,
        Path.of("/nonexistent/mongod"),
        Optional.empty(),
        List.of("--dbpath", dataPath.toString()),
        List.of(),
        List.of(),
        Optional.empty(),
        snapshots,
        1);
  }

  private Map<String, String> everything() throws IOException {
    Map<String, String> found = new TreeMap<>();
    try (Stream<Path> tree = Files.walk(temp)) {
      for (Path path : tree.toList()) {
        if (Files.isRegularFile(path) && path.endsWith("precious")) {
          found.put(path.toString(), Files.readString(path));
        }
      }
    }
    return found;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "..",
        ".",
        "/",
        "../data",
        "../neighbour",
        "/etc",
        "a/b",
        "door",
        "",
        "-rf",
        ".locks",
        "a\u0000b",
        "$(id)",
        "a b",
        "%2e%2e"
      })
  void shouldRefuseABackupThatIsAPath(String backup) {
    if (backup.equals("door")) {
      // A plain name; that it is a link is found where it is followed.
      refuses(() -> provider.delete(deletion(backup, "s0")));
      refuses(() -> provider.cut(cut(backup), ProgressListener.NONE));
      return;
    }
    refuses(() -> provider.resolve(volumes(backup)));
    refuses(() -> provider.cut(cut(backup), ProgressListener.NONE));
    refuses(() -> provider.delete(deletion(backup, "s0")));
    refuses(() -> provider.list("shop", backup));
  }

  @ParameterizedTest
  @ValueSource(strings = {"..", "../..", "/", "../../data", "../door", "a/b", "/etc"})
  void shouldMakeAFileNameOfASet(String set) {
    // There is no such snapshot, and no other is touched.
    provider.delete(deletion("b1", set));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "..",
        "../data",
        "../neighbour/precious",
        "door",
        "door/precious",
        "precious",
        ".",
        "b1/../../data",
        "/etc/passwd",
        ".locks",
        "~",
        "a/../precious"
      })
  void shouldDeleteAndReadNoSnapshotElsewhere(String id) throws IOException {
    for (String named : List.of(id, snapshots + "/" + id)) {
      SnapshotRef snapshot = snapshot(named);
      Path resolved = snapshots.resolve(named);
      if (Files.exists(resolved) || named.contains("..")) {
        refuses(() -> provider.discard("shop", "b1", List.of(snapshot)));
      }
      refuses(() -> provider.poll(List.of(snapshot)));
      refuses(() -> host.stage(stage("r1", snapshot), p -> {}, () -> {}));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"..", "/", "../door", "a/b", "", ".", "../../neighbour", "/etc", "-rf"})
  void shouldRefuseARestoreThatIsAPath(String restore) {
    refuses(() -> host.stage(stage(restore, snapshot("b1/s0-1")), p -> {}, () -> {}));
    refuses(() -> host.dropStage(restore, () -> {}));
    refuses(() -> host.swap(restore, () -> {}));
    refuses(() -> host.undo(restore, () -> {}));
    refuses(() -> host.release(restore, () -> {}));
  }

  @Test
  void shouldNotKeepRestoresBehindALink() throws IOException {
    Files.createSymbolicLink(data.resolve(".stillpoint"), temp.resolve("outside"));

    refuses(() -> host.stage(stage("r1", snapshot("b1/s0-1")), p -> {}, () -> {}));
    refuses(() -> host.dropStage("r1", () -> {}));
    refuses(() -> host.release("r1", () -> {}));
    Files.delete(data.resolve(".stillpoint"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/etc", "../neighbour", "neighbour"})
  void shouldReadNoOtherDataPathThanTheConfiguredOne(String dbPath) {
    String claimed = dbPath.contains("neighbour") ? neighbour.toString() : dbPath;
    refuses(
        () ->
            provider.resolve(
                new VolumeRequest(SnapshotType.DIRECTORY, "shop", "b1", "s0", MEMBER, claimed)));
    refuses(() -> provider.cut(cut("b1", claimed), ProgressListener.NONE));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "..", "db9:27017", "db1:27017/../x", "DB1:27017"})
  void shouldServeItsOwnMembersOnly(String member) {
    refuses(
        () ->
            provider.delete(
                new DeleteRequest(SnapshotType.DIRECTORY, "shop", "b1", 1, "s0", member)));
    refuses(() -> new NodeMembers(List.of(settings(MEMBER, data))).require(member));
  }

  /** What is run, and where data lies, is the configuration's to say. */
  @Test
  void shouldTakeNoCommandFromAnyRequest() {
    List<String> suspicious = new ArrayList<>();
    for (Class<?> type : List.of(NodeActivities.class, SnapshotActivities.class)) {
      for (Method method : type.getMethods()) {
        for (Class<?> parameter : method.getParameterTypes()) {
          collect(parameter, suspicious);
        }
      }
    }

    assertThat(suspicious).isEmpty();
  }

  private static void collect(Class<?> type, List<String> suspicious) {
    if (!type.isRecord()) {
      return;
    }
    for (RecordComponent component : type.getRecordComponents()) {
      if (component.getName().matches("(?i).*(command|program|argv|script|exec|mongod).*")) {
        suspicious.add(type.getSimpleName() + "." + component.getName());
      }
      collect(component.getType(), suspicious);
    }
  }

  private VolumeRequest volumes(String backup) {
    return new VolumeRequest(SnapshotType.DIRECTORY, "shop", backup, "s0", MEMBER, data.toString());
  }

  private static DeleteRequest deletion(String backup, String set) {
    return new DeleteRequest(SnapshotType.DIRECTORY, "shop", backup, 1, set, MEMBER);
  }

  private CutRequest cut(String backup) {
    return cut(backup, data.toString());
  }

  private static CutRequest cut(String backup, String dbPath) {
    ClusterTime time = new ClusterTime(100, 1);
    return new CutRequest(
        SnapshotType.DIRECTORY,
        "shop",
        backup,
        1,
        new BackupCursor(
            "shop", "s0", MEMBER, 1, "lsid", "cursor", dbPath, time, time, time, NO_FILES),
        time,
        Map.of());
  }

  private static SnapshotRef snapshot(String id) {
    return new SnapshotRef(
        "s0", MEMBER, SnapshotType.DIRECTORY, id, "/data", "data", "cursor", 1, true);
  }

  private static StageRequest stage(String restore, SnapshotRef snapshot) {
    return new StageRequest(restore, "b1", MEMBER, "s0", NO_FILES, List.of(snapshot));
  }

  private static void refuses(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StillpointException.class,
            e ->
                assertThat(e.code())
                    .as(e.getMessage())
                    .isIn(
                        ErrorCode.BAD_INPUT,
                        ErrorCode.AGENT_REFUSED,
                        ErrorCode.SNAPSHOT_FOREIGN,
                        ErrorCode.SNAPSHOT_FAILED,
                        ErrorCode.SNAPSHOT_INCOMPLETE,
                        ErrorCode.SNAPSHOT_UNREACHABLE,
                        ErrorCode.VOLUME_UNSUITABLE,
                        ErrorCode.FILE_LIST_DAMAGED));
  }
}
