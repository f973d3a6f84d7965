package io.stillpoint.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MongodProcessTest {

  private static final Runnable NO_BEAT = () -> {};
  private static final MongodProcess.Patience SHORT =
      new MongodProcess.Patience(
          Duration.ofSeconds(20),
          Duration.ofSeconds(20),
          Duration.ofMillis(100),
          Duration.ofMillis(100),
          Duration.ofMillis(500));
  private static final MongodProcess.Patience LONG =
      new MongodProcess.Patience(
          Duration.ofSeconds(20),
          Duration.ofSeconds(20),
          Duration.ofMillis(100),
          Duration.ofMillis(100),
          Duration.ofSeconds(20));

  @TempDir private Path temp;
  private Path data;

  @BeforeEach
  void make() throws IOException {
    data = Files.createDirectories(temp.resolve("data"));
  }

  @AfterEach
  void end() {
    HostProcesses.workingOn(data, Optional.empty()).forEach(ProcessHandle::destroyForcibly);
  }

  @Test
  void shouldStartOnceAndStop() throws IOException {
    MongodProcess mongod = process(FakePrograms.mongod(temp), LONG);
    assertThat(mongod.running()).isEmpty();

    mongod.start(NO_BEAT);
    long pid = mongod.running().orElseThrow().pid();
    mongod.start(NO_BEAT);

    assertThat(mongod.running().orElseThrow().pid()).isEqualTo(pid);
    assertThat(Files.readAllLines(temp.resolve("arguments"))).hasSize(1);
    assertCode(mongod::requireStopped, ErrorCode.AGENT_REFUSED);
    mongod.stop(NO_BEAT);
    mongod.stop(NO_BEAT);
    assertThat(mongod.running()).isEmpty();
    mongod.requireStopped();
  }

  @Test
  void shouldKnowAServerThatStillOpensItsStorage() throws IOException {
    Path opening = Files.createFile(temp.resolve("opening"));
    MongodProcess mongod = process(FakePrograms.slowlyOpening(temp), LONG);

    giveUpWhileItOpens(mongod);

    assertThat(data.resolve("mongod.lock")).isEmptyFile();
    assertCode(mongod::requireStopped, ErrorCode.AGENT_REFUSED);
    Files.delete(opening);
    mongod.start(NO_BEAT);
    assertThat(Files.readAllLines(temp.resolve("arguments"))).as("starts").hasSize(1);
    assertThat(mongod.running()).isPresent();
  }

  @Test
  void shouldStopAServerThatStillOpensItsStorage() throws IOException {
    Files.createFile(temp.resolve("opening"));
    MongodProcess mongod = process(FakePrograms.slowlyOpening(temp), LONG);
    giveUpWhileItOpens(mongod);

    mongod.stop(NO_BEAT);

    assertThat(mongod.running()).isEmpty();
    mongod.requireStopped();
  }

  @Test
  void shouldWaitForAServerForAsLongAsItOpensItsStorage() throws IOException {
    Path opening = Files.createFile(temp.resolve("opening"));
    MongodProcess.Patience patience =
        new MongodProcess.Patience(
            Duration.ofSeconds(2),
            Duration.ofMinutes(1),
            Duration.ofMillis(100),
            Duration.ofMillis(100),
            Duration.ofSeconds(20));
    long enough = System.nanoTime() + patience.start().multipliedBy(2).toNanos();
    MongodProcess mongod = process(FakePrograms.slowlyOpening(temp), patience);

    mongod.start(
        () -> {
          if (System.nanoTime() > enough) {
            opening.toFile().delete();
          }
        });

    assertThat(mongod.running()).isPresent();
    assertThat(data.resolve("mongod.lock")).isNotEmptyFile();
  }

  /** As an activity that is cancelled, or whose agent was killed. */
  private void giveUpWhileItOpens(MongodProcess mongod) {
    Runnable cancelled =
        () -> {
          if (Files.exists(data.resolve("mongod.lock"))) {
            throw new IllegalStateException("cancelled");
          }
        };
    assertThatThrownBy(() -> mongod.start(cancelled)).hasMessage("cancelled");
  }

  @Test
  void shouldKnowWhoHoldsALock() throws Exception {
    Path file = Files.createFile(temp.resolve("WiredTiger.lock"));
    Assumptions.assumeTrue(Files.isReadable(Path.of("/proc/locks")), "skipped: not on Linux");
    assertThat(KernelLocks.holders(file)).isEmpty();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.lock();
      assertThat(KernelLocks.holders(file)).containsExactly(ProcessHandle.current().pid());
    }
    assertThat(KernelLocks.holders(file)).isEmpty();
    assertThat(KernelLocks.holders(temp.resolve("nothing"))).isEmpty();
  }

  /** It was told by an operation that died at that moment. */
  @Test
  void shouldNotTakeAServerThatShutsDownForStarted() throws IOException {
    Path stopping = Files.createFile(temp.resolve("stopping"));
    MongodProcess mongod = process(FakePrograms.slowlyStopping(temp), LONG);
    mongod.start(NO_BEAT);
    long first = mongod.running().orElseThrow().pid();
    assertThat(mongod.isServing()).isTrue();
    List<ProcessHandle> told = mongod.tellToStop(NO_BEAT);
    assertThat(told).extracting(ProcessHandle::pid).containsExactly(first);
    assertThat(mongod.isServing()).isFalse();

    mongod.start(
        () -> {
          if (Files.exists(stopping)) {
            assertThat(starts()).as("while the first still shuts down").isEqualTo(1);
            stopping.toFile().delete();
          }
        });

    assertThat(mongod.running().orElseThrow().pid()).isNotEqualTo(first);
    assertThat(mongod.isServing()).isTrue();
    assertThat(starts()).isEqualTo(2);
  }

  /** Its agent was killed between the record and the signal. */
  @Test
  void shouldEndAServerWhoseStopWasOnlyRecorded() throws IOException {
    MongodProcess mongod = process(FakePrograms.mongod(temp), LONG);
    mongod.start(NO_BEAT);
    ProcessHandle first = mongod.running().orElseThrow();
    new StopRecord(temp.resolve("mongod.stopping")).write(List.of(first));

    mongod.start(NO_BEAT);

    assertThat(first.isAlive()).isFalse();
    assertThat(mongod.isServing()).isTrue();
  }

  @Test
  void shouldStartAServerThatSomebodyElseStops() throws IOException {
    Path stopping = Files.createFile(temp.resolve("stopping"));
    MongodProcess.Patience patience =
        new MongodProcess.Patience(
            Duration.ofSeconds(20),
            Duration.ofSeconds(20),
            Duration.ofMillis(100),
            Duration.ofSeconds(20),
            Duration.ofSeconds(20));
    MongodProcess mongod = process(FakePrograms.slowlyStopping(temp), patience);
    mongod.start(NO_BEAT);
    ProcessHandle first = mongod.running().orElseThrow();
    first.destroy();

    mongod.start(() -> stopping.toFile().delete());

    assertThat(first.isAlive()).isFalse();
    assertThat(mongod.isServing()).isTrue();
    assertThat(starts()).isEqualTo(2);
  }

  private int starts() {
    try {
      return Files.readAllLines(temp.resolve("arguments")).size();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void shouldQuoteTheFatalLineOfAServerThatEnds() throws IOException {
    MongodProcess mongod = process(FakePrograms.dying(temp), LONG);

    assertThatThrownBy(() -> mongod.start(NO_BEAT))
        .isInstanceOfSatisfying(
            StillpointException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.MONGOD_NOT_STARTED);
              assertThat(e).hasMessageContaining("exit code 14").hasMessageContaining("50944");
            });
  }

  @Test
  void shouldSayThatTheDiskIsFullAndQuoteLittleOfTheLog() throws IOException {
    Path file = temp.resolve("mongod.log");
    MongodLog log = new MongodLog(file);
    String error =
        "{\"t\":{\"$date\":\"2026-11-23T14:37:50.445+00:00\"},\"s\":\"E\",\"c\":\"STORAGE\",\"id\":22435,"
            + "\"msg\":\"WiredTiger error\",\"attr\":{\"message\":\"%s: No space left on device\"}}\n";
    Files.writeString(file, error.formatted("x".repeat(5_000)).repeat(10));

    StillpointException full = log.notStarted("mongod ended", "look at it");
    assertThat(full.code()).isEqualTo(ErrorCode.DISK_FULL);
    assertThat(full.text()).hasSizeLessThan(1_200).contains("22435 WiredTiger error");

    Files.writeString(
        file,
        "{\"s\":\"I\",\"id\":4615611,\"msg\":\"MongoDB starting\"}\n{\"s\":\"F\",\"id\":1,\"msg\":\"else\"}\n",
        StandardOpenOption.APPEND);
    assertThat(log.notStarted("mongod ended", "look at it").code())
        .as("of the newest start")
        .isEqualTo(ErrorCode.MONGOD_NOT_STARTED);
  }

  @Test
  void shouldNotKillAServerThatDoesNotStop() throws IOException {
    MongodProcess mongod = process(FakePrograms.stubborn(temp), SHORT);
    mongod.start(NO_BEAT);

    assertCode(() -> mongod.stop(NO_BEAT), ErrorCode.MONGOD_NOT_STOPPED);
    assertThat(mongod.running()).isPresent();
  }

  @Test
  void shouldUseTheConfiguredCommands() throws IOException {
    Path program = FakePrograms.mongod(temp);
    Path start =
        FakePrograms.script(
            temp, "start", "setsid %s --dbpath %s >/dev/null 2>&1 &".formatted(program, data));
    Path stop = FakePrograms.script(temp, "stop", "kill $(cat %s/mongod.lock)".formatted(data));
    MongodProcess mongod =
        new MongodProcess(
            settings(Path.of("/nowhere"), List.of(start.toString()), List.of(stop.toString())),
            temp.resolve("out"),
            LONG);

    mongod.start(NO_BEAT);
    assertThat(mongod.running()).isPresent();
    mongod.stop(NO_BEAT);
    assertThat(mongod.running()).isEmpty();
  }

  @Test
  void shouldSayWhatAFailedCommandPrinted() throws IOException {
    Path start = FakePrograms.script(temp, "start", "echo no such unit; exit 5");
    MongodProcess mongod =
        new MongodProcess(
            settings(Path.of("/nowhere"), List.of(start.toString()), List.of()),
            temp.resolve("out"),
            LONG);

    assertThatThrownBy(() -> mongod.start(NO_BEAT))
        .hasMessageContaining("exit code 5")
        .hasMessageContaining("no such unit");
  }

  @Test
  void shouldNotTakeAnotherProcessForTheServer() throws IOException {
    // A crash left the file, and its number now belongs to this test's own process.
    Files.writeString(data.resolve("mongod.lock"), ProcessHandle.current().pid() + "\n");
    MongodProcess mongod = process(FakePrograms.mongod(temp), LONG);

    assertThat(mongod.running()).isEmpty();
    mongod.stop(NO_BEAT);
    mongod.requireStopped();
  }

  @Test
  void shouldRefuseDataOfAServerThatOnlyAnswersOverTheNetwork() throws IOException {
    Files.writeString(data.resolve("mongod.lock"), "1\n");
    try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      NodeSettings settings =
          settings("127.0.0.1:" + server.getLocalPort(), Path.of("/x"), List.of(), List.of());
      MongodProcess mongod = new MongodProcess(settings, temp.resolve("out"), LONG);

      assertCode(mongod::requireStopped, ErrorCode.AGENT_REFUSED);
      Files.writeString(data.resolve("mongod.lock"), "");
      mongod.requireStopped();
    }
  }

  private MongodProcess process(Path program, MongodProcess.Patience patience) {
    return new MongodProcess(
        settings(program, List.of(), List.of()), temp.resolve("out"), patience);
  }

  private NodeSettings settings(Path program, List<String> start, List<String> stop) {
    return settings("127.0.0.1:1", program, start, stop);
  }

  private NodeSettings settings(
      String address, Path program, List<String> start, List<String> stop) {
    return new NodeSettings(
        address,
        data,
        program,
        Optional.empty(),
        List.of("--dbpath", data.toString(), "--logpath", temp.resolve("log").toString()),
        start,
        stop,
        Optional.empty(),
        temp,
        1);
  }

  private static void assertCode(ThrowingCallable call, ErrorCode code) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StillpointException.class, e -> assertThat(e.code()).isEqualTo(code));
  }
}
