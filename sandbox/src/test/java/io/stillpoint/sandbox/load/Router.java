package io.stillpoint.sandbox.load;

import static org.awaitility.Awaitility.await;

import io.stillpoint.sandbox.cluster.FreePorts;
import io.stillpoint.sandbox.cluster.ServerPrograms;
import io.stillpoint.sandbox.load.ManySets.Member;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The process of a simulated mongos. */
record Router(Process process, Member endpoint) implements AutoCloseable {

  static Router start(Path directory, Member configServer) throws IOException {
    int port = new FreePorts().next();
    List<String> command =
        new ArrayList<>(List.of(ServerPrograms.simulated("4.4").mongos().toString()));
    command.addAll(List.of("--configdb", configServer.set() + "/" + configServer.address()));
    command.addAll(List.of("--port", "" + port, "--bind_ip", "127.0.0.1", "--simulate", "4.4"));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("mongos.log").toFile())
            .start();
    Router router =
        new Router(process, new Member("", "127.0.0.1:" + port, directory.resolve("mongos")));
    await().atMost(Duration.ofSeconds(60)).until(router::answers);
    return router;
  }

  String address() {
    return endpoint.address();
  }

  void addShard(Member shard) {
    endpoint.run(
        "admin",
        "{addShard: '%s/%s', name: '%s'}".formatted(shard.set(), shard.address(), shard.set()));
  }

  private boolean answers() {
    try {
      endpoint.run("admin", "{ping: 1}");
      return true;
    } catch (UncheckedIOException e) {
      return false;
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
    process.onExit().join();
  }
}
