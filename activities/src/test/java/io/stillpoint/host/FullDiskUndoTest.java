package io.stillpoint.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.stillpoint.catalog.DirectoryCatalog;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.host.RestoreState.Step;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The data path's disk fills up in a restore, to the last byte: its old data comes back. */
class FullDiskUndoTest {

  private static final String RESTORE = "r1";
  private static final Clock CLOCK = Clock.systemUTC();

  @TempDir private Path temp;
  private Path disk;
  private RestoreArea area;
  private MemberHost host;
  private Map<String, String> oldData;

  @BeforeEach
  void mount() throws Exception {
    disk = Files.createDirectories(temp.resolve("disk"));
    assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", disk.toString()),
        "this user may mount nothing");
    Path data = Files.createDirectories(disk.resolve("data"));
    area = new RestoreArea(data);
    write(data, "WiredTiger", "old");
    write(data, "journal/WiredTigerLog.0000000001", "old");
    oldData = contents();
    area.save(RestoreState.staging(RESTORE, "b", "m", CLOCK.instant()));
    Path stage = area.stage(RESTORE);
    write(stage, "WiredTiger", "new".repeat(50_000));
    write(stage, "WiredTiger.backup", "new");
    area.save(area.state(RESTORE).orElseThrow().at(Step.STAGED, CLOCK.instant()));
    NodeSettings settings =
        new NodeSettings(
            "127.0.0.1:1",
            data,
            Path.of("/nonexistent/mongod"),
            Optional.empty(),
            List.of("--dbpath", data.toString()),
            List.of(),
            List.of(),
            Optional.empty(),
            temp.resolve("snapshots"),
            1);
    host =
        new MemberHost(
            settings, new DirectoryCatalog(temp.resolve("catalog"), CLOCK).fileLists(), CLOCK);
  }

  @AfterEach
  void unmount() throws Exception {
    run("umount", "--lazy", disk.toString());
  }

  @Test
  void shouldTellAServerToStopWithoutARecord() throws IOException {
    StopRecord record = new StopRecord(area.output().resolveSibling("mongod.stopping"));
    fill();

    record.write(List.of(ProcessHandle.current()));

    assertThat(record.names(ProcessHandle.current())).isFalse();
  }

  @Test
  void shouldUndoBeforeAnythingWasMoved() throws IOException {
    fill();

    host.undo(RESTORE, () -> {});

    requireOld();
  }

  @Test
  void shouldUndoWhatWasSwappedIn() throws IOException {
    new DataSwap(area, CLOCK).swap(area.state(RESTORE).orElseThrow());
    fill();

    host.undo(RESTORE, () -> {});

    requireOld();
  }

  @Test
  void shouldUndoASwapThatStoppedInTheMiddle() throws IOException {
    DataSwap swap =
        new DataSwap(
            area,
            CLOCK,
            (from, to) -> {
              throw new IOException("stopped");
            },
            area::save);
    assertThatThrownBy(() -> swap.swap(area.state(RESTORE).orElseThrow()))
        .isInstanceOf(StillpointException.class);
    assertThat(area.state(RESTORE).orElseThrow().step()).isEqualTo(Step.MOVING_OLD);
    fill();

    host.undo(RESTORE, () -> {});

    requireOld();
  }

  /** As a build left it that reserved nothing: what was staged makes room. */
  @Test
  void shouldMakeRoomByWhatWasStaged() throws IOException {
    Files.delete(area.directory(RESTORE).resolve("state.json.spare"));
    fill();

    host.undo(RESTORE, () -> {});

    requireOld();
  }

  @Test
  void shouldSayWhereTheOldDataIs() throws IOException {
    Files.delete(area.directory(RESTORE).resolve("state.json.spare"));
    area.delete(area.stage(RESTORE), () -> {});
    fill();

    assertThatThrownBy(() -> host.undo(RESTORE, () -> {}))
        .hasMessageContaining("No space left on device; the old data is in " + area.dataPath())
        .hasMessageContaining("none of it was moved")
        .isInstanceOfSatisfying(
            StillpointException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DISK_FULL));
    assertThat(contents()).isEqualTo(oldData);
  }

  private void requireOld() throws IOException {
    assertThat(contents()).isEqualTo(oldData);
    assertThat(area.state(RESTORE).orElseThrow().step()).isEqualTo(Step.UNDONE);
    assertThat(area.directory(RESTORE)).isDirectoryNotContaining("glob:**{spare,stage,old}");
  }

  private void fill() throws IOException {
    for (int size : new int[] {1 << 16, 1}) {
      try (OutputStream out = Files.newOutputStream(disk.resolve("filler-" + size))) {
        while (true) {
          out.write(new byte[size]);
        }
      } catch (IOException e) {
        assertThat(e).hasMessageContaining("No space left");
      }
    }
    assertThat(disk.toFile().getUsableSpace()).isZero();
  }

  private Map<String, String> contents() throws IOException {
    Map<String, String> contents = new TreeMap<>();
    try (Stream<Path> found = Files.walk(area.dataPath())) {
      for (Path file : found.filter(Files::isRegularFile).toList()) {
        String name = area.dataPath().relativize(file).toString();
        if (!name.startsWith(".stillpoint")) {
          contents.put(name, Files.readString(file));
        }
      }
    }
    return contents;
  }

  private static void write(Path directory, String name, String content) throws IOException {
    Path file = directory.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, content);
  }

  private static boolean run(String... command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
  }
}
