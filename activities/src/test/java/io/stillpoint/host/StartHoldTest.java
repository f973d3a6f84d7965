package io.stillpoint.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stillpoint.catalog.DirectoryCatalog;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.host.RestoreState.Step;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The start command stands for a service whose unit refuses to start while the file is there. */
class StartHoldTest {

  private static final Runnable NO_BEAT = () -> {};

  @TempDir private Path temp;
  private Path data;
  private Path file;
  private MemberHost host;
  private ServerSocket server;

  @BeforeEach
  void make() throws IOException {
    // The start of a member is over once it answers.
    server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
    data = Files.createDirectories(temp.resolve("data"));
    file = Files.createDirectories(temp.resolve("holds")).resolve("mongod.hold");
    host = host(settings(Optional.of(file)));
  }

  @AfterEach
  void end() throws IOException {
    server.close();
    HostProcesses.workingOn(data, Optional.empty()).forEach(ProcessHandle::destroyForcibly);
  }

  @Test
  void shouldHoldTheServiceFromTheStopToTheStart() throws IOException {
    host.start("r1", NO_BEAT);
    assertThat(file).doesNotExist();

    host.stop("r1", NO_BEAT);
    host.stop("r1", NO_BEAT);

    assertThat(file).content().contains("Restore r1 has stopped the member " + member());
    assertThatThrownBy(() -> service().start(NO_BEAT)).hasMessageContaining("held");
    host.start("r1", NO_BEAT);
    assertThat(file).doesNotExist();
    assertThat(service().running()).isPresent();
  }

  @ParameterizedTest
  @EnumSource(
      value = Step.class,
      names = {
        "MOVING_OLD",
        "MOVING_NEW",
        "SWAPPED",
        "REPLAYING",
        "RENAMING",
        "UNDO_DISCARDING",
        "UNDO_RETURNING"
      })
  void shouldKeepHoldingDataThatIsNotWhole(Step step) {
    host.stop("r1", NO_BEAT);
    record("r1", step);

    refuses(() -> host.start("r1", NO_BEAT));

    assertThat(file).exists();
  }

  @Test
  void shouldNotStopTheServerOfAReleasedRestoreAgain() {
    host.start("r1", NO_BEAT);
    record("r1", Step.RELEASED);

    refuses(() -> host.stop("r1", NO_BEAT));

    assertThat(file).doesNotExist();
    assertThat(service().running()).isPresent();
  }

  @Test
  void shouldRefuseAFileThatARestoreWouldMoveAway() {
    refuses(() -> host(settings(Optional.of(data.resolve("mongod.hold")))).inspect());
    refuses(() -> new StartHold(settings(Optional.of(inRestores()))).requireUsable(true));
    host(settings(Optional.of(inRestores()))).inspect();
  }

  @Test
  void shouldRefuseAFileThatCannotBeWritten() {
    refuses(() -> host(settings(Optional.of(temp.resolve("missing/mongod.hold")))).inspect());
  }

  @Test
  void shouldHoldInADataPathThatNoRestoreHasSeen() {
    host(settings(Optional.of(inRestores()))).stop("r1", NO_BEAT);

    assertThat(inRestores()).exists();
  }

  @Test
  void shouldSayThatAServiceIsNotHeld() {
    assertThat(host.inspect().warnings()).isEmpty();
    assertThat(host(settings(Optional.empty())).inspect().warnings())
        .singleElement()
        .asString()
        .contains("no hold-file");
  }

  @Test
  void shouldSayThatNothingHoldsTheFile() {
    host.stop("r1", NO_BEAT);

    assertThat(host.inspect().warnings()).singleElement().asString().contains("rm " + file);
    record("r1", Step.SWAPPED);
    assertThat(host.inspect().warnings()).isEmpty();
  }

  private String member() {
    return "127.0.0.1:" + server.getLocalPort();
  }

  private Path inRestores() {
    return data.resolve(".stillpoint/hold");
  }

  private void record(String restore, Step step) {
    Clock clock = Clock.systemUTC();
    new RestoreArea(data)
        .save(
            RestoreState.staging(restore, "b1", member(), clock.instant())
                .at(step, clock.instant()));
  }

  private MongodProcess service() {
    return new MongodProcess(
        settings(Optional.of(file)), temp.resolve("out"), MongodProcess.Patience.DEFAULT);
  }

  private MemberHost host(NodeSettings settings) {
    DirectoryCatalog catalog = new DirectoryCatalog(temp.resolve("catalog"), Clock.systemUTC());
    return new MemberHost(settings, catalog.fileLists(), Clock.systemUTC());
  }

  private NodeSettings settings(Optional<Path> holdFile) {
    try {
      Path mongod = FakePrograms.mongod(temp);
      Path start =
          FakePrograms.script(
              temp,
              "start",
              """
              if [ -e %s ]; then echo held; exit 1; fi
              setsid %s --dbpath %s --logpath %s >/dev/null 2>&1 &
              """
                  .formatted(file, mongod, data, temp.resolve("log")));
      return new NodeSettings(
          member(),
          data,
          mongod,
          Optional.empty(),
          List.of("--dbpath", data.toString(), "--logpath", temp.resolve("log").toString()),
          List.of(start.toString()),
          List.of(),
          Optional.empty(),
          temp,
          1,
          0,
          holdFile);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void refuses(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StillpointException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.AGENT_REFUSED));
  }
}
