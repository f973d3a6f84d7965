package io.stillpoint.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.stillpoint.activity.NodeActivities.StageRequest;
import io.stillpoint.activity.SnapshotActivities.CutRequest;
import io.stillpoint.activity.SnapshotActivities.DeleteRequest;
import io.stillpoint.activity.SnapshotActivities.VolumePlan;
import io.stillpoint.activity.SnapshotActivities.VolumeRequest;
import io.stillpoint.catalog.DirectoryCatalog;
import io.stillpoint.catalog.FileListWriter;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.host.NodeMembers;
import io.stillpoint.host.NodeSettings;
import io.stillpoint.model.BackupCursor;
import io.stillpoint.model.ClusterTime;
import io.stillpoint.model.FileListRef;
import io.stillpoint.model.SnapshotRef;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.provider.ProgressListener;
import io.temporal.client.ActivityCanceledException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The contract with the program, and the example that the documentation shows. */
class CommandProviderTest {

  private static final String MEMBER = "db1:27017";
  private static final Path EXAMPLE = Path.of("..", "examples", "snapshot-command", "reflink.sh");

  @TempDir private Path temp;
  private Path data;
  private Path snapshots;
  private DirectoryCatalog catalog;
  private FileListRef files;

  @BeforeEach
  void make() throws IOException {
    data = Files.createDirectories(temp.resolve("data"));
    snapshots = Files.createDirectories(temp.resolve("snapshots"));
    Files.createDirectories(temp.resolve("agent"));
    Files.createDirectories(data.resolve("journal"));
    Files.writeString(data.resolve("WiredTiger"), "engine");
    Files.writeString(data.resolve("a file.wt"), "documents");
    Files.writeString(data.resolve("journal/WiredTigerLog.0000000001"), "log");
    Files.writeString(data.resolve("mongod.lock"), "not listed");
    catalog = new DirectoryCatalog(temp.resolve("catalog"), Clock.systemUTC());
    try (FileListWriter writer = catalog.fileLists().writer("b1", "s0", 1)) {
      writer.add("WiredTiger", 6);
      writer.add("a file.wt", 9);
      writer.add("journal/WiredTigerLog.0000000001", 3);
      writer.add("storage.bson", -1);
      files = writer.finish();
    }
  }

  private CommandProvider example() {
    return provider(EXAMPLE.toAbsolutePath().normalize(), Duration.ofMinutes(1));
  }

  private CommandProvider provider(Path program, Duration limit) {
    return new CommandProvider(
        new NodeMembers(
            List.of(
                new NodeSettings(
                    MEMBER,
                    data,
                    Path.of("/usr/bin/mongod"),
                    Optional.empty(),
                    List.of(),
                    List.of(),
                    List.of(),
                    Optional.empty(),
                    temp.resolve("agent"),
                    1))),
        catalog.fileLists(),
        settings(program, limit));
  }

  private CommandSettings settings(Path program, Duration limit) {
    return new CommandSettings(
        List.of(program.toString()),
        limit,
        Map.of("SNAPSHOTS", snapshots.toString(), "OUT", temp.toString()));
  }

  private Path script(String body) throws IOException {
    Path file = Files.writeString(temp.resolve("program"), "#!/bin/sh\n" + body);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
  }

  @Test
  void shouldCutPollListRestoreAndDeleteByTheExample() throws IOException {
    CommandProvider provider = example();

    VolumePlan plan = provider.resolve(volumes());
    assertThat(plan.volumes()).singleElement().asString().contains(data.toString());
    assertThat(plan.freeBytes()).isPositive();

    List<SnapshotRef> cut = provider.cut(cut(1), ProgressListener.NONE);
    assertThat(provider.cut(cut(1), ProgressListener.NONE)).as("again").isEqualTo(cut);
    SnapshotRef snapshot = cut.get(0);
    assertThat(snapshot.provider()).isEqualTo(SnapshotType.COMMAND);
    assertThat(snapshot.id()).isEqualTo("b1/s0+1+cursor-1");
    assertThat(snapshot.ready()).isTrue();
    assertThat(provider.poll(cut).allReady()).isTrue();
    assertThat(provider.list("shop", "b1"))
        .extracting(SnapshotRef::id)
        .containsExactly(snapshot.id());

    CommandContent content =
        new CommandContent(settings(EXAMPLE.toAbsolutePath(), Duration.ofMinutes(1)));
    assertThat(content.plan(stage(cut), data)).isEmpty();
    Path restored = content.open(stage(cut), () -> {});
    assertThat(restored.resolve("a file.wt")).hasContent("documents");
    assertThat(restored.resolve("journal/WiredTigerLog.0000000001")).hasContent("log");
    assertThat(restored.resolve("mongod.lock")).as("was not listed").doesNotExist();
    content.close("r1", MEMBER, () -> {});

    provider.discard("shop", "b1", cut);
    provider.discard("shop", "b1", cut);
    assertThat(snapshots).isEmptyDirectory();
    failsWith(ErrorCode.SNAPSHOT_FAILED, () -> provider.poll(cut), "does not know snapshot");
    failsWith(
        ErrorCode.SNAPSHOT_FAILED, () -> content.open(stage(cut), () -> {}), "is not on this host");
    failsWith(
        ErrorCode.SNAPSHOT_UNREACHABLE,
        () -> content.plan(stage(cut), data),
        "does not know snapshot b1/s0+1+cursor-1 any more");
    StageRequest elsewhere = new StageRequest("r1", "b1", "db2:27017", "s0", files, cut);
    assertThat(content.plan(elsewhere, data))
        .as("where the program need not know it")
        .singleElement()
        .asString()
        .contains("on the host of db2:27017 does not know snapshot b1/s0+1+cursor-1");
  }

  @Test
  void shouldDeleteWhatOneAttemptCutAndNothingElse() throws IOException {
    CommandProvider provider = example();
    provider.cut(cut(1), ProgressListener.NONE);
    provider.cut(cut(11), ProgressListener.NONE);
    Path half = Files.createDirectories(snapshots.resolve("b1/s0+1+cursor-9.part"));
    Path other = Files.createDirectories(snapshots.resolve("b1/s0-1+1+cursor-1"));

    provider.delete(new DeleteRequest(SnapshotType.COMMAND, "shop", "b1", 1, "s0", MEMBER));

    assertThat(half).doesNotExist();
    assertThat(snapshots.resolve("b1/s0+1+cursor-1")).doesNotExist();
    assertThat(snapshots.resolve("b1/s0+11+cursor-11")).exists();
    assertThat(other).exists();
  }

  @Test
  void shouldNotLetIdsLeaveTheExamplesDirectory() throws IOException {
    Path precious = Files.writeString(temp.resolve("precious"), "x");
    for (String id : List.of("../precious", "b1/../../precious", "/etc", "b1/./../..", "b2/x")) {
      SnapshotRef forged =
          new SnapshotRef("s0", MEMBER, SnapshotType.COMMAND, id, "", "data", "c", 1, true);
      assertThatThrownBy(
              () -> {
                example().discard("shop", "b1", List.of(forged));
                example().poll(List.of(forged));
              })
          .isInstanceOf(StillpointException.class);
    }
    assertThat(precious).exists();
  }

  @Test
  void shouldTellTheProgramEverythingAndNothingSecret() throws Exception {
    CommandProvider provider =
        provider(
            script(
                "cat > \"$OUT/call.json\"; env | sort > \"$OUT/env\";"
                    + " cat \"$STILLPOINT_FILE_LIST\" > \"$OUT/list\"; echo \"$@\" > \"$OUT/args\";"
                    + " echo '{\"snapshots\":[{\"id\":\"x\",\"future\":1}]}'"),
            Duration.ofMinutes(1));

    SnapshotRef snapshot = provider.cut(cut(2), ProgressListener.NONE).get(0);

    assertThat(snapshot.ready()).isFalse();
    assertThat(snapshot.cursorBackupId()).isEqualTo("cursor-2");
    JsonNode call = new ObjectMapper().readTree(temp.resolve("call.json").toFile());
    assertThat(call.path("version").asInt()).isEqualTo(1);
    assertThat(call.path("verb").asText()).isEqualTo("cut");
    assertThat(call.path("key").asText()).isEqualTo("b1/s0+2+cursor-2");
    assertThat(call.path("dataPath").asText()).isEqualTo(data.toString());
    assertThat(call.path("attempt").asInt()).isEqualTo(2);
    assertThat(call.path("point").asText()).isEqualTo("100,1");
    assertThat(call.path("tags").path("why").asText()).isEqualTo("$(touch " + temp + "/owned)");
    assertThat(temp.resolve("args")).hasContent("cut");
    assertThat(Files.readAllLines(temp.resolve("list")))
        .containsExactly("WiredTiger", "a file.wt", "journal/WiredTigerLog.0000000001");
    assertThat(Files.readAllLines(temp.resolve("env")))
        .allMatch(
            line ->
                line.matches(
                    "(STILLPOINT_[A-Z_]+|PATH|HOME|LANG|TZ|SNAPSHOTS|OUT|PWD|SHLVL|_|OLDPWD)=.*"));
    assertThat(temp.resolve("owned")).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource({
    "75, PROVIDER_FAILED",
    "77, PROVIDER_DENIED",
    "78, VOLUME_UNSUITABLE",
    "1, SNAPSHOT_FAILED",
    "127, SNAPSHOT_FAILED"
  })
  void shouldTranslateExitCodes(int exit, ErrorCode code) throws IOException {
    CommandProvider provider =
        provider(script("echo no luck >&2; exit " + exit), Duration.ofMinutes(1));

    failsWith(
        code, () -> provider.cut(cut(1), ProgressListener.NONE), "exit code " + exit + ": no luck");
    failsWith(code, () -> provider.resolve(volumes()), "asked to resolve");
  }

  @Test
  void shouldRefuseAnswersThatAreNone() throws IOException {
    Map<String, String> answers =
        Map.of(
            "echo nonsense", "not the JSON",
            "echo '{}'", "named no snapshot",
            "echo '{\"snapshots\":[{\"id\":\"\"}]}'", "without a sound id",
            "head -c 2000000 /dev/zero", "more than");
    for (Map.Entry<String, String> answer : answers.entrySet()) {
      CommandProvider provider = provider(script(answer.getKey()), Duration.ofMinutes(1));

      failsWith(
          ErrorCode.SNAPSHOT_FAILED,
          () -> provider.cut(cut(1), ProgressListener.NONE),
          answer.getValue());
    }
  }

  @Test
  void shouldKillAProgramThatTakesTooLongWithItsChildren() throws IOException {
    CommandProvider provider =
        provider(script("sleep 613 & echo $! > \"$OUT/child\"; wait"), Duration.ofSeconds(1));

    failsWith(
        ErrorCode.PROVIDER_FAILED, () -> provider.cut(cut(1), ProgressListener.NONE), "was killed");
    assertChildIsGone();
  }

  @Test
  void shouldKillTheProgramOfACutThatIsNotWantedAnyMore() throws IOException {
    CommandProvider provider =
        provider(script("sleep 613 & echo $! > \"$OUT/child\"; wait"), Duration.ofMinutes(5));
    AtomicInteger beats = new AtomicInteger();

    assertThatThrownBy(
            () ->
                provider.cut(
                    cut(1),
                    progress -> {
                      if (Files.exists(temp.resolve("child")) && beats.incrementAndGet() > 2) {
                        throw new ActivityCanceledException();
                      }
                    }))
        .isInstanceOf(ActivityCanceledException.class);
    assertChildIsGone();
  }

  private void assertChildIsGone() throws IOException {
    long child = Long.parseLong(Files.readString(temp.resolve("child")).strip());
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> ProcessHandle.of(child).filter(ProcessHandle::isAlive).isEmpty());
  }

  @Test
  void shouldReportAProgramThatIsNotThere() {
    failsWith(
        ErrorCode.SNAPSHOT_FAILED,
        () -> provider(temp.resolve("missing"), Duration.ofMinutes(1)).resolve(volumes()),
        "cannot be run");
  }

  @Test
  void shouldLeaveNoTemporaryFiles() throws IOException {
    Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
    long before = count(temporary);
    example().cut(cut(1), ProgressListener.NONE);
    assertThat(count(temporary)).isLessThanOrEqualTo(before);
  }

  private static long count(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      String owner = "stillpoint-files";
      return entries.filter(e -> e.getFileName().toString().startsWith(owner)).count();
    }
  }

  private VolumeRequest volumes() {
    return new VolumeRequest(SnapshotType.COMMAND, "shop", "b1", "s0", MEMBER, data.toString());
  }

  private CutRequest cut(int attempt) {
    ClusterTime time = new ClusterTime(100, 1);
    return new CutRequest(
        SnapshotType.COMMAND,
        "shop",
        "b1",
        attempt,
        new BackupCursor(
            "shop",
            "s0",
            MEMBER,
            1,
            "lsid",
            "cursor-" + attempt,
            data.toString(),
            time,
            time,
            time,
            files),
        time,
        Map.of("why", "$(touch " + temp + "/owned)"));
  }

  private StageRequest stage(List<SnapshotRef> snapshots) {
    return new StageRequest("r1", "b1", MEMBER, "s0", files, snapshots);
  }

  private static void failsWith(ErrorCode code, ThrowingCallable call, String part) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StillpointException.class,
            e -> {
              assertThat(e.code()).isEqualTo(code);
              assertThat(e.getMessage()).contains(part);
              assertThat(e.hint()).isNotEmpty();
            });
  }
}
