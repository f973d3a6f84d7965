package io.stillpoint.sandbox.mongo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.stillpoint.activity.ClusterActivities.StepUpRequest;
import io.stillpoint.mongo.StepUp;
import io.stillpoint.sandbox.cluster.ClusterSpec;
import io.stillpoint.sandbox.cluster.LocalCluster;
import io.stillpoint.sandbox.cluster.LocalServer;
import io.stillpoint.sandbox.cluster.ServerPrograms;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.bson.BsonDocument;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An arbiter is not restored, and remembers how far the set was. */
final class ArbiterTest {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir private Path directory;
  private LocalCluster cluster;
  private List<LocalServer> data;

  @BeforeEach
  void start() {
    cluster =
        LocalCluster.start(
            ClusterSpec.replicaSet(
                    directory.resolve("cluster"), ServerPrograms.fromSystemProperties(), 3)
                .withElectionTimeoutMillis(2000));
    data = cluster.members().subList(0, 2);
    makeAnArbiterOf(cluster.members().get(2));
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  @Test
  void shouldMakeAPrimaryAlthoughTheArbiterRemembersMore() {
    insert("before");
    stopData();
    data.forEach(m -> copy(m.dbPath(), saved(m)));
    data.forEach(LocalServer::start);
    insert("after");
    awaitReplicated();
    stopData();
    data.forEach(
        m -> {
          delete(m.dbPath());
          copy(saved(m), m.dbPath());
        });
    data.forEach(LocalServer::start);
    LocalServer elected = awaitElected();
    assertThat(hello(elected).getBoolean("ismaster").getValue())
        .as("it waits for what only the arbiter remembers")
        .isFalse();

    try (Adapters worker = new Adapters(cluster.uri(), List.of(), directory.resolve("catalog"))) {
      new StepUp(worker.connections, PATIENCE)
          .run(
              new StepUpRequest(
                  Adapters.CLUSTER,
                  "rs0",
                  data.stream().map(LocalServer::address).toList(),
                  elected.address()),
              states -> {});
    }

    assertThat(hello(elected).getBoolean("ismaster").getValue()).isTrue();
    insert("restored");
  }

  private void makeAnArbiterOf(LocalServer member) {
    LocalServer primary = cluster.sets().get(0).awaitPrimary();
    member.stop();
    reconfigure(
        primary,
        config ->
            config
                .getArray("members")
                .removeIf(m -> hostOf(m.asDocument()).equals(member.address())));
    delete(member.dbPath());
    makeDirectory(member.dbPath());
    member.start();
    reconfigure(
        primary,
        config ->
            config
                .getArray("members")
                .add(
                    BsonDocument.parse(
                        "{_id: 9, host: '%s', arbiterOnly: true, priority: 0}"
                            .formatted(member.address()))));
    await().atMost(PATIENCE).until(() -> hello(member).containsKey("arbiterOnly"));
  }

  private static String hostOf(BsonDocument member) {
    return member.getString("host").getValue();
  }

  private static void reconfigure(
      LocalServer primary, java.util.function.Consumer<BsonDocument> change) {
    BsonDocument config =
        primary.run("admin", BsonDocument.parse("{replSetGetConfig: 1}")).getDocument("config");
    change.accept(config);
    config.put("version", new org.bson.BsonInt32(config.getNumber("version").intValue() + 1));
    primary.run("admin", new BsonDocument("replSetReconfig", config));
  }

  private void insert(String id) {
    cluster
        .sets()
        .get(0)
        .awaitPrimary()
        .run(
            "test",
            BsonDocument.parse(
                "{insert: 'c', documents: [{_id: '%s'}], writeConcern: {w: 2, wtimeout: 30000}}"
                    .formatted(id)));
  }

  /** The arbiter learns from heartbeats how far the others are. */
  private void awaitReplicated() {
    LocalServer primary = cluster.sets().get(0).awaitPrimary();
    BsonDocument last = hello(primary).getDocument("lastWrite").getDocument("opTime");
    LocalServer arbiter = cluster.members().get(2);
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                arbiter
                        .run("admin", BsonDocument.parse("{replSetGetStatus: 1}"))
                        .getDocument("optimes")
                        .getDocument("lastCommittedOpTime")
                        .getTimestamp("ts")
                        .compareTo(last.getTimestamp("ts"))
                    >= 0);
  }

  private LocalServer awaitElected() {
    return await()
        .atMost(PATIENCE)
        .until(
            () -> data.stream().filter(m -> isElected(hello(m))).findFirst().orElse(null),
            m -> m != null);
  }

  private static boolean isElected(BsonDocument hello) {
    return hello.containsKey("primary") && hello.get("primary").equals(hello.get("me"));
  }

  private static BsonDocument hello(LocalServer member) {
    return member.run("admin", BsonDocument.parse("{isMaster: 1}"));
  }

  private void stopData() {
    data.forEach(LocalServer::stop);
  }

  private Path saved(LocalServer member) {
    return directory.resolve("saved-" + member.dbPath().getFileName());
  }

  private static void makeDirectory(Path path) {
    try {
      Files.createDirectories(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void copy(Path from, Path to) {
    try (Stream<Path> paths = Files.walk(from)) {
      for (Path path : (Iterable<Path>) paths::iterator) {
        Path target = to.resolve(from.relativize(path).toString());
        if (Files.isDirectory(path)) {
          Files.createDirectories(target);
        } else {
          Files.copy(path, target);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path tree) {
    try (Stream<Path> paths = Files.walk(tree)) {
      for (Path path : paths.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
