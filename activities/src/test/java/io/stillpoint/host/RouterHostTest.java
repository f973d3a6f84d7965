package io.stillpoint.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A mongos that somebody started otherwise than the agent would. */
class RouterHostTest {

  /** One source file, which java runs as it is. */
  private static final String LISTENER =
      """
      class Listener {
        public static void main(String[] arguments) throws Exception {
          var address = java.net.InetAddress.getLoopbackAddress();
          var server = new java.net.ServerSocket(Integer.parseInt(arguments[0]), 5, address);
          while (true) {
            server.accept();
          }
        }
      }
      """;

  @TempDir private Path directory;
  private Process started;

  @AfterEach
  void end() {
    if (started != null) {
      started.destroyForcibly();
    }
  }

  @Test
  void shouldStopAMongosThatWasStartedWithOtherWords() throws Exception {
    int port = freePort();
    start("mongos", port);

    RouterHost host = host(port);
    assertThat(host.inspect().running()).isTrue();
    host.stop(() -> {});

    assertThat(started.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(host.inspect().running()).isFalse();
  }

  /** It is told before anything is touched, and the process is left alone. */
  @Test
  void shouldRefuseAMongosThatItCouldNotStop() throws Exception {
    int port = freePort();
    start("something-else", port);

    RouterHost host = host(port);
    assertRefused(host::inspect);
    assertRefused(() -> host.stop(() -> {}));

    assertThat(started.isAlive()).isTrue();
  }

  private static void assertRefused(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StillpointException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIGURATION_INVALID))
        .hasMessageContaining("no process that this agent may see");
  }

  private RouterHost host(int port) {
    return new RouterHost(
        new RouterSettings(
            "127.0.0.1:" + port,
            Path.of("/usr/bin/mongos"),
            Optional.empty(),
            List.of("--port", String.valueOf(port), "--never", "said"),
            List.of(),
            List.of(),
            directory.resolve("mongos.out")));
  }

  /**
   * @param name by which the process calls itself
   */
  private void start(String name, int port) throws IOException {
    Path source = Files.writeString(directory.resolve("Listener.java"), LISTENER);
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    started =
        new ProcessBuilder("bash", "-c", "exec -a %s %s %s %d".formatted(name, java, source, port))
            .start();
    Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> !Listeners.at(port).isEmpty());
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
