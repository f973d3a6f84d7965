package io.stillpoint.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stillpoint.activity.SnapshotActivities.CutRequest;
import io.stillpoint.activity.SnapshotActivities.Progress;
import io.stillpoint.activity.SnapshotActivities.VolumePlan;
import io.stillpoint.directory.SnapshotMarker.Status;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.FileListRef;
import io.stillpoint.model.SnapshotRef;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.provider.ProgressListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DirectoryProviderTest extends DirectorySnapshots {

  @Test
  void shouldCopyExactlyTheListedFiles() throws IOException {
    List<Progress> progress = new CopyOnWriteArrayList<>();

    List<SnapshotRef> cut = provider.cut(request(1, "c1", list()), progress::add);

    Path snapshot = root.resolve("b/s0-1");
    assertThat(cut)
        .containsExactly(
            new SnapshotRef(
                "s0",
                MEMBER,
                SnapshotType.DIRECTORY,
                snapshot.toString(),
                data.toString(),
                "data",
                "c1",
                3_008_040,
                false));
    assertThat(files(snapshot))
        .containsExactlyInAnyOrder(
            "WiredTiger",
            "WiredTiger.backup",
            "sub/collection-1.wt",
            "index-1.wt",
            "journal/WiredTigerLog.0000000004",
            "journal/WiredTigerLog.0000000005",
            "stillpoint.json");
    assertThat(snapshot.resolve("sub/collection-1.wt"))
        .hasSameBinaryContentAs(data.resolve("sub/collection-1.wt"));
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(snapshot.resolve("WiredTiger"))))
        .isEqualTo("rw-------");
    assertThat(progress).last().isEqualTo(new Progress(3_008_040, 3_008_040, 6, 7));
    assertThat(provider.poll(cut).allReady()).isFalse();
    assertThat(provider.list("shop", "b")).isEqualTo(cut);
    assertThat(provider.list("other", "b")).isEmpty();
  }

  @Test
  void shouldBeReadyOnceItIsRecordedWhatEveryFileHolds() throws IOException {
    List<SnapshotRef> cut = provider.cut(request(1, "c1", list()), ProgressListener.NONE);
    Path snapshot = root.resolve("b/s0-1");

    provider.seal(cut, ProgressListener.NONE);
    provider.seal(cut, ProgressListener.NONE);

    assertThat(provider.poll(cut).allReady()).isTrue();
    String sha256 = SnapshotMarker.read(snapshot).orElseThrow().checksums().orElseThrow();
    checksums().verify(snapshot, sha256, snapshot);
    assertThat(Files.readAllLines(snapshot.resolve(FileChecksums.NAME))).hasSize(6);
  }

  @ParameterizedTest
  @ValueSource(strings = {"altered", "shorter", "longer", "gone", "list"})
  void shouldNoticeWhatChangedSinceTheCopy(String change) throws IOException {
    List<SnapshotRef> cut = provider.cut(request(1, "c1", list()), ProgressListener.NONE);
    Path snapshot = root.resolve("b/s0-1");
    provider.seal(cut, ProgressListener.NONE);
    String sha256 = SnapshotMarker.read(snapshot).orElseThrow().checksums().orElseThrow();
    Path file = snapshot.resolve(change.equals("list") ? FileChecksums.NAME : "WiredTiger.backup");
    byte[] content = Files.readAllBytes(file);
    switch (change) {
      case "shorter" -> Files.write(file, Arrays.copyOf(content, content.length - 1));
      case "longer" -> Files.write(file, Arrays.copyOf(content, content.length + 1));
      case "gone" -> Files.delete(file);
      default -> {
        content[content.length / 2] ^= 1;
        Files.write(file, content);
      }
    }

    assertThatThrownBy(() -> checksums().verify(snapshot, sha256, snapshot))
        .isInstanceOfSatisfying(
            StillpointException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.SNAPSHOT_DAMAGED))
        .hasMessageContaining(file.toString());
  }

  private static FileChecksums checksums() {
    return new FileChecksums(2, 0, new Progress(0, 0, 0, 0), ProgressListener.NONE);
  }

  @Test
  void shouldGoOnFromTheRecordAfterAKill() throws IOException {
    FileListRef list = list();
    CutRequest request = request(1, "c1", list);
    provider.cut(request, ProgressListener.NONE);
    Path snapshot = root.resolve("b/s0-1");
    // As a kill would leave it: no end, one file half written, one whole but not recorded.
    half(SnapshotMarker.read(snapshot).orElseThrow(), Status.WRITING).write(snapshot);
    Files.write(snapshot.resolve("sub/collection-1.wt"), new byte[17]);
    Files.write(snapshot.resolve("WiredTiger"), new byte[40]);
    Files.write(snapshot.resolve("WiredTiger.backup"), new byte[5000]);
    BitSet places = new BitSet();
    places.set(files(data).indexOf("WiredTiger.backup"));
    CopyRecord.open(snapshot, "c1 " + list.sha256()).add(places);

    provider.cut(request, ProgressListener.NONE);

    assertThat(files(snapshot)).hasSize(7).doesNotContain(CopyRecord.NAME);
    for (String file : List.of("WiredTiger", "sub/collection-1.wt")) {
      assertThat(snapshot.resolve(file)).hasSameBinaryContentAs(data.resolve(file));
    }
    assertThat(snapshot.resolve("WiredTiger.backup")).hasBinaryContent(new byte[5000]);
    assertThat(SnapshotMarker.read(snapshot).orElseThrow().isComplete()).isTrue();
  }

  @Test
  void shouldBeginAnewWhatAnEarlierBuildLeftHalf() throws IOException {
    CutRequest request = request(1, "c1", list());
    provider.cut(request, ProgressListener.NONE);
    Path snapshot = root.resolve("b/s0-1");
    half(SnapshotMarker.read(snapshot).orElseThrow(), Status.COPYING).write(snapshot);
    Files.write(snapshot.resolve("WiredTiger"), new byte[40]);
    Files.write(snapshot.resolve("sub/collection-1.wt.stillpoint-part"), new byte[17]);

    provider.cut(request, ProgressListener.NONE);

    assertThat(files(snapshot)).hasSize(7).noneMatch(f -> f.endsWith("part"));
    assertThat(snapshot.resolve("WiredTiger")).hasSameBinaryContentAs(data.resolve("WiredTiger"));
  }

  @Test
  void shouldNotTouchASnapshotThatIsComplete() throws IOException {
    CutRequest request = request(1, "c1", list());
    List<SnapshotRef> first = provider.cut(request, ProgressListener.NONE);
    write("WiredTiger", 44);

    assertThat(provider.cut(request, ProgressListener.NONE)).isEqualTo(first);
    assertThat(root.resolve("b/s0-1/WiredTiger")).hasSize(40);
  }

  @Test
  void shouldNeverMixTwoCursors() throws IOException {
    provider.cut(request(1, "c1", list()), ProgressListener.NONE);

    assertCode(
        () -> provider.cut(request(1, "c2", list()), ProgressListener.NONE),
        ErrorCode.SNAPSHOT_FOREIGN);
  }

  @Test
  void shouldGiveSeveralCutsAtOnceOneResult() throws IOException {
    CutRequest request = request(1, "c1", list());

    List<List<SnapshotRef>> results =
        IntStream.range(0, 4)
            .parallel()
            .mapToObj(i -> provider.cut(request, ProgressListener.NONE))
            .toList();

    assertThat(results).containsOnly(results.get(0));
    assertThat(files(root.resolve("b/s0-1"))).hasSize(7);
    assertThat(root.resolve("b/s0-1/sub/collection-1.wt"))
        .hasSameBinaryContentAs(data.resolve("sub/collection-1.wt"));
  }

  @Test
  void shouldFailIfTheServersFilesAreNotAsListed() throws IOException {
    FileListRef list = list();
    Files.delete(data.resolve("index-1.wt"));
    assertCode(
        () -> provider.cut(request(1, "c1", list), ProgressListener.NONE),
        ErrorCode.SNAPSHOT_FAILED);

    write("index-1.wt", 0);
    write("WiredTiger", 39);
    assertCode(
        () -> provider.cut(request(1, "c1", list), ProgressListener.NONE),
        ErrorCode.SNAPSHOT_FAILED);
    assertThat(SnapshotMarker.read(root.resolve("b/s0-1")).orElseThrow().isComplete()).isFalse();
    assertCode(() -> provider.poll(provider.list("shop", "b")), ErrorCode.SNAPSHOT_FAILED);
  }

  @Test
  void shouldFollowLinkedDirectoriesButNotLinkedFiles() throws IOException {
    FileListRef list = list();
    Files.move(data.resolve("journal"), temp.resolve("elsewhere"));
    Files.createSymbolicLink(data.resolve("journal"), temp.resolve("elsewhere"));
    provider.cut(request(1, "c1", list), ProgressListener.NONE);
    assertThat(root.resolve("b/s0-1/journal")).isDirectory();
    assertThat(Files.isSymbolicLink(root.resolve("b/s0-1/journal"))).isFalse();

    Files.delete(data.resolve("index-1.wt"));
    Files.createSymbolicLink(data.resolve("index-1.wt"), Path.of("/etc/passwd"));
    assertCode(
        () -> provider.cut(request(2, "c2", list), ProgressListener.NONE),
        ErrorCode.VOLUME_UNSUITABLE);
  }

  @Test
  void shouldRefuseAListWithAGapInTheJournal() throws IOException {
    write("journal/WiredTigerLog.0000000007", 10);

    assertCode(
        () -> provider.cut(request(1, "c1", list()), ProgressListener.NONE),
        ErrorCode.SNAPSHOT_INCOMPLETE);
  }

  @Test
  void shouldDeleteWhatAnAttemptCutAndNothingElse() throws IOException {
    provider.cut(request(1, "c1", list()), ProgressListener.NONE);
    provider.cut(request(2, "c2", list()), ProgressListener.NONE);

    provider.delete(delete(1));
    provider.delete(delete(1));
    assertThat(root.resolve("b/s0-1")).doesNotExist();
    assertThat(root.resolve("b/s0-2")).isDirectory();

    provider.delete(delete(2));
    assertThat(root.resolve("b")).doesNotExist();
    assertThat(data.resolve("WiredTiger")).exists();
  }

  @Test
  void shouldDiscardOnlySnapshotsOfTheNamedBackup() throws IOException {
    SnapshotRef cut = provider.cut(request(1, "c1", list()), ProgressListener.NONE).get(0);

    assertCode(() -> provider.discard("shop", "another", List.of(cut)), ErrorCode.SNAPSHOT_FOREIGN);
    assertCode(() -> provider.discard("other", "b", List.of(cut)), ErrorCode.SNAPSHOT_FOREIGN);
    for (Path elsewhere :
        List.of(data, Path.of("/"), root, root.resolve("b/../../data"), temp.resolve("catalog"))) {
      assertCode(
          () -> provider.discard("shop", "b", List.of(withId(cut, elsewhere))),
          ErrorCode.AGENT_REFUSED);
    }

    provider.discard("shop", "b", List.of(cut));
    provider.discard("shop", "b", List.of(cut));
    assertThat(root.resolve("b")).doesNotExist();
  }

  @Test
  void shouldSayBeforehandWhatWouldBeCopied() {
    VolumePlan plan = provider.resolve(volume(data.toString()));

    assertThat(plan.volumes())
        .singleElement()
        .asString()
        .contains(data.toString(), "3008940 bytes");
    assertThat(plan.freeBytes()).isPositive();
    assertThat(plan.warnings()).anyMatch(w -> w.contains("same file system"));
  }

  @Test
  void shouldRefuseBeforehandWhatCannotBeCopied() throws IOException {
    Path other = Files.createDirectories(temp.resolve("other"));
    assertCode(() -> provider.resolve(volume(other.toString())), ErrorCode.AGENT_REFUSED);
    Files.delete(root);
    assertCode(() -> provider.resolve(volume(data.toString())), ErrorCode.TARGET_NOT_WRITABLE);
    Files.createSymbolicLink(root, data);
    assertCode(() -> provider.resolve(volume(data.toString())), ErrorCode.TARGET_NOT_WRITABLE);
  }
}
