package io.stillpoint.sandbox.contract;

import io.stillpoint.sandbox.auth.ScramLogin;
import io.stillpoint.sandbox.cluster.ClusterSpec;
import io.stillpoint.sandbox.cluster.LocalCluster;
import io.stillpoint.sandbox.cluster.LocalReplicaSet;
import io.stillpoint.sandbox.cluster.LocalServer;
import io.stillpoint.sandbox.cluster.ServerPrograms;
import io.stillpoint.sandbox.wire.CommandException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.bson.BsonDocument;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Gives tests the servers that the contract's fixtures name; each is started once per run. */
final class Servers implements ParameterResolver {
  /** What every mongod of the contract is started with. */
  static final Map<String, String> PARAMETERS =
      Map.of("enableTestCommands", "1", "logicalSessionRefreshMillis", "1000");

  /** Fixture S. */
  record Standalone(Node node) {}

  /** Fixture R1: a set of one member. */
  record OneMember(Node node, LocalCluster cluster) {}

  /** Fixture R3: a set of three members, the first one primary. */
  record ThreeMembers(Node primary, Node secondary, Node hidden, LocalCluster cluster) {}

  /** Fixture SH. */
  record Sharded(Node mongos, LocalCluster cluster) {}

  /**
   * Fixture A: a set of one member with authentication, and the users {@code hm} and {@code hm2}
   * (hostManager), {@code bk} (backup) and {@code ro} (read).
   */
  record Authenticated(LocalCluster cluster) {
    private static final String PASSWORD = "contract";

    Node as(String user) {
      return new Node(cluster.members().get(0), new ScramLogin(user, "admin", PASSWORD));
    }

    Node asNobody() {
      return new Node(cluster.members().get(0));
    }

    void create(String user, String role) {
      cluster
          .members()
          .get(0)
          .run(
              "admin",
              BsonDocument.parse(
                  "{createUser: '%s', pwd: '%s', roles: ['%s', {role: 'readWrite', db: 'contract'}]}"
                      .formatted(user, PASSWORD, role)));
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return List.of(
            Standalone.class,
            OneMember.class,
            ThreeMembers.class,
            Sharded.class,
            Authenticated.class)
        .contains(parameter.getParameter().getType());
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    Running running =
        context
            .getRoot()
            .getStore(ExtensionContext.Namespace.create(Servers.class))
            .getOrComputeIfAbsent(Running.class, key -> new Running(), Running.class);
    return running.fixture(parameter.getParameter().getType());
  }

  static Path temporaryDirectory() {
    try {
      return Files.createTempDirectory("stillpoint-contract-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static List<String> parameterFlags() {
    List<String> flags = new ArrayList<>();
    PARAMETERS.forEach(
        (name, value) -> flags.addAll(List.of("--setParameter", name + "=" + value)));
    return flags;
  }

  /** The servers of one test run. */
  static final class Running implements AutoCloseable {
    private final ServerPrograms programs = ServerPrograms.fromSystemProperties();
    private final Path directory = temporaryDirectory();
    private final Map<Class<?>, Object> fixtures = new HashMap<>();
    private final List<Runnable> open = new ArrayList<>();

    synchronized Object fixture(Class<?> type) {
      Object known = fixtures.get(type);
      if (known == null) {
        known = start(type);
        fixtures.put(type, known);
      }
      if (known instanceof ThreeMembers three) {
        makeFirstMemberPrimary(three);
      }
      return known;
    }

    /** An earlier test, or a slow machine, may have made another one primary. */
    private static void makeFirstMemberPrimary(ThreeMembers three) {
      LocalReplicaSet set = three.cluster().sets().get(0);
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .ignoreException(CommandException.class)
          .until(
              () -> {
                set.awaitHealthy();
                if (set.primary().filter(three.primary().server()::equals).isPresent()) {
                  return true;
                }
                three.primary().run("{replSetStepUp: 1}");
                return false;
              });
    }

    private Object start(Class<?> type) {
      if (type == Standalone.class) {
        LocalServer server =
            LocalServer.mongod(
                "standalone",
                directory.resolve("standalone"),
                directory.resolve("standalone.log"),
                programs,
                parameterFlags());
        open.add(server::stop);
        server.start();
        return new Standalone(new Node(server));
      }
      if (type == OneMember.class) {
        LocalCluster cluster = cluster(ClusterSpec.replicaSet(at("one"), programs, 1));
        Node node = new Node(cluster.members().get(0));
        node.insert();
        return new OneMember(node, cluster);
      }
      if (type == ThreeMembers.class) {
        LocalCluster cluster = cluster(ClusterSpec.replicaSet(at("three"), programs, 3));
        List<Node> nodes = cluster.members().stream().map(Node::new).toList();
        nodes.get(0).insert();
        return new ThreeMembers(nodes.get(0), nodes.get(1), nodes.get(2), cluster);
      }
      if (type == Authenticated.class) {
        Authenticated fixture =
            new Authenticated(
                cluster(ClusterSpec.replicaSet(at("auth"), programs, 1).withAuthentication()));
        fixture.create("hm", "hostManager");
        fixture.create("hm2", "hostManager");
        fixture.create("bk", "backup");
        fixture.create("ro", "read");
        return fixture;
      }
      LocalCluster cluster = cluster(ClusterSpec.sharded(at("sharded"), programs, 2, 1));
      return new Sharded(new Node(cluster.mongos().orElseThrow()), cluster);
    }

    private Path at(String name) {
      return directory.resolve(name);
    }

    private LocalCluster cluster(ClusterSpec spec) {
      LocalCluster cluster =
          LocalCluster.start(spec.withSetParameters(PARAMETERS).withElectionTimeoutMillis(2_000));
      open.add(cluster::close);
      return cluster;
    }

    @Override
    public void close() throws IOException {
      open.forEach(Runnable::run);
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(file);
        }
      }
    }
  }
}
