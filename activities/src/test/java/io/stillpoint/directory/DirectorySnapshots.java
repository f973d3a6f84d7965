package io.stillpoint.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stillpoint.activity.SnapshotActivities.CutRequest;
import io.stillpoint.activity.SnapshotActivities.DeleteRequest;
import io.stillpoint.activity.SnapshotActivities.VolumeRequest;
import io.stillpoint.catalog.DirectoryCatalog;
import io.stillpoint.catalog.FileEntry;
import io.stillpoint.catalog.FileListWriter;
import io.stillpoint.directory.SnapshotMarker.Status;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.host.NodeMembers;
import io.stillpoint.host.NodeSettings;
import io.stillpoint.model.BackupCursor;
import io.stillpoint.model.ClusterTime;
import io.stillpoint.model.FileListRef;
import io.stillpoint.model.SnapshotRef;
import io.stillpoint.model.SnapshotType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A member with some files, and a provider that copies them. */
abstract class DirectorySnapshots {

  static final String MEMBER = "127.0.0.1:27101";
  static final ClusterTime POINT = new ClusterTime(9, 9);

  @TempDir Path temp;
  Path data;
  Path root;
  DirectoryCatalog catalog;
  DirectoryProvider provider;

  @BeforeEach
  void make() throws IOException {
    data = Files.createDirectories(temp.resolve("data"));
    root = Files.createDirectories(temp.resolve("snapshots"));
    catalog = new DirectoryCatalog(temp.resolve("catalog"), Clock.systemUTC());
    NodeSettings settings =
        new NodeSettings(
            MEMBER,
            data,
            Path.of("/bin/false"),
            Optional.empty(),
            List.of(),
            List.of(),
            List.of(),
            Optional.empty(),
            root,
            4);
    provider =
        new DirectoryProvider(
            new NodeMembers(List.of(settings)), catalog.fileLists(), Clock.systemUTC());
    write("WiredTiger", 40);
    write("WiredTiger.backup", 5000);
    write("WiredTiger.wt", 900);
    write("sub/collection-1.wt", 3_000_000);
    write("index-1.wt", 0);
    write("journal/WiredTigerLog.0000000004", 1000);
    write("journal/WiredTigerLog.0000000005", 2000);
  }

  FileListRef list() throws IOException {
    try (FileListWriter writer = catalog.fileLists().writer("b", "s0", 1)) {
      for (String file : files(data)) {
        if (!file.equals("WiredTiger.wt")) {
          writer.add(file, Files.size(data.resolve(file)));
        }
      }
      writer.add("storage.bson", FileEntry.OPTIONAL);
      return writer.finish();
    }
  }

  CutRequest request(int attempt, String cursorBackupId, FileListRef files) {
    BackupCursor cursor =
        new BackupCursor(
            "shop",
            "s0",
            MEMBER,
            1,
            "session",
            cursorBackupId,
            data.toString(),
            POINT,
            POINT,
            POINT,
            files);
    return new CutRequest(SnapshotType.DIRECTORY, "shop", "b", attempt, cursor, POINT, Map.of());
  }

  static DeleteRequest delete(int attempt) {
    return new DeleteRequest(SnapshotType.DIRECTORY, "shop", "b", attempt, "s0", MEMBER);
  }

  static VolumeRequest volume(String dbPath) {
    return new VolumeRequest(SnapshotType.DIRECTORY, "shop", "b", "s0", MEMBER, dbPath);
  }

  static SnapshotRef withId(SnapshotRef ref, Path id) {
    return new SnapshotRef(
        ref.set(),
        ref.member(),
        ref.provider(),
        id.toString(),
        ref.volume(),
        ref.role(),
        ref.cursorBackupId(),
        ref.bytes(),
        ref.ready());
  }

  static SnapshotMarker half(SnapshotMarker m, Status status) {
    return new SnapshotMarker(
        m.formatVersion(),
        m.backup(),
        m.cluster(),
        m.set(),
        m.member(),
        m.attempt(),
        m.cursorBackupId(),
        m.point(),
        m.files(),
        status,
        m.method(),
        m.startedAt(),
        Optional.empty(),
        0,
        0,
        Optional.empty());
  }

  void write(String file, int size) throws IOException {
    byte[] content = new byte[size];
    new Random(file.hashCode()).nextBytes(content);
    Files.createDirectories(data.resolve(file).getParent());
    Files.write(data.resolve(file), content);
  }

  static List<String> files(Path directory) throws IOException {
    try (Stream<Path> found = Files.walk(directory)) {
      return new ArrayList<>(
          found
              .filter(Files::isRegularFile)
              .map(f -> directory.relativize(f).toString())
              .sorted()
              .toList());
    }
  }

  static void assertCode(ThrowingCallable call, ErrorCode code) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StillpointException.class, e -> assertThat(e.code()).isEqualTo(code));
  }
}
