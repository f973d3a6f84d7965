package io.stillpoint.sandbox.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;

/**
 * A running replica set or sharded cluster. Its processes end with {@link #close()}, or with this
 * JVM however that ends, short of {@code kill -9}.
 */
public final class LocalCluster implements AutoCloseable {
  /** Sharded by hashed {@code _id}, with chunks on every shard. */
  public static final String SHARDED_COLLECTION = "shop.orders";

  private final ClusterSpec spec;
  private final ClusterAccess access;
  private final List<LocalReplicaSet> sets;
  private final Optional<LocalServer> mongos;
  private volatile boolean configServerIsShard;
  private final Thread stopAtExit = new Thread(this::killAll, "stop-cluster");

  private LocalCluster(
      ClusterSpec spec,
      ClusterAccess access,
      List<LocalReplicaSet> sets,
      Optional<LocalServer> mongos) {
    this.spec = spec;
    this.access = access;
    this.sets = List.copyOf(sets);
    this.mongos = mongos;
  }

  /**
   * Starts and configures everything; {@link #SHARDED_COLLECTION} exists afterwards if there are
   * shards.
   *
   * @throws ClusterException if anything fails; nothing is left running then
   */
  public static LocalCluster start(ClusterSpec spec) {
    return start(spec, members -> {});
  }

  /**
   * As {@link #start(ClusterSpec)}.
   *
   * @param prepare is given every mongod before the first starts, to make their data directories
   */
  public static LocalCluster start(ClusterSpec spec, Consumer<List<LocalServer>> prepare) {
    LocalCluster cluster = new ClusterLayout(spec).build(LocalCluster::new);
    prepare.accept(cluster.members());
    Runtime.getRuntime().addShutdownHook(cluster.stopAtExit);
    try {
      cluster.create();
      return cluster;
    } catch (RuntimeException e) {
      try {
        cluster.close();
      } catch (RuntimeException alsoFailed) {
        e.addSuppressed(alsoFailed);
      }
      throw e;
    }
  }

  public ClusterSpec spec() {
    return spec;
  }

  /** The config server's set first, if there is one, then the shards. */
  public List<LocalReplicaSet> sets() {
    return sets;
  }

  /** The shards, or the plain replica set: wherever user data is. */
  public List<LocalReplicaSet> dataSets() {
    return sets.stream()
        .filter(set -> configServerIsShard || set.role() != ServerRole.CONFIG_SERVER)
        .toList();
  }

  /** Makes the config server a shard too, which servers from 8.0 on can be. */
  public void makeConfigServerAShard() {
    mongos
        .orElseThrow(() -> new IllegalStateException("a plain replica set has no config server"))
        .run("admin", new BsonDocument("transitionFromDedicatedConfigServer", new BsonInt32(1)));
    configServerIsShard = true;
  }

  /**
   * @throws IllegalStateException in a plain replica set
   */
  public LocalReplicaSet configServer() {
    return sets.stream()
        .filter(set -> set.role() == ServerRole.CONFIG_SERVER)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("a plain replica set has no config server"));
  }

  public Optional<LocalServer> mongos() {
    return mongos;
  }

  /** Every mongod. */
  public List<LocalServer> members() {
    return sets.stream().flatMap(set -> set.members().stream()).toList();
  }

  public LocalServer member(String name) {
    return Stream.concat(members().stream(), mongos.stream())
        .filter(server -> server.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no server is named " + name));
  }

  /** For applications: the mongos, or the replica set. */
  public String uri() {
    return mongos
        .map(server -> server.uri(server.address(), ""))
        .orElseGet(() -> sets.get(0).uri());
  }

  /** Present if the cluster has authentication. */
  public Optional<ClusterUsers> users() {
    return access.users();
  }

  /** Present if the cluster speaks TLS only. */
  public Optional<ClusterCertificates> certificates() {
    return access.certificates();
  }

  /** For Stillpoint, which logs in with its own role where there is authentication. */
  public String stillpointUri() {
    String hosts = mongos.map(LocalServer::address).orElseGet(() -> sets.get(0).hosts());
    String options = mongos.isPresent() ? "" : "replicaSet=" + sets.get(0).name();
    return access.stillpointUri(hosts, options);
  }

  /** Starts every server that does not run, and waits for a primary of each set. */
  public void startAll() {
    inParallel(
        members().stream().filter(member -> member.running().isEmpty()).toList(),
        LocalServer::launch);
    inParallel(members(), LocalServer::awaitAnswering);
    inParallel(sets, LocalReplicaSet::awaitPrimary);
    inParallel(sets, LocalReplicaSet::awaitHealthy);
    mongos.filter(server -> server.running().isEmpty()).ifPresent(LocalServer::start);
  }

  /** Stops every server cleanly: mongos, shards, config server. */
  public void stopAll() {
    mongos.ifPresent(LocalServer::stop);
    inParallel(
        members().stream().filter(member -> member.role() != ServerRole.CONFIG_SERVER).toList(),
        LocalServer::stop);
    inParallel(
        members().stream().filter(member -> member.role() == ServerRole.CONFIG_SERVER).toList(),
        LocalServer::stop);
  }

  @Override
  public void close() {
    killAll();
    try {
      Runtime.getRuntime().removeShutdownHook(stopAtExit);
    } catch (IllegalStateException e) {
      // The JVM is going down: the hook has run or is running, and does the same.
    }
  }

  private void create() {
    inParallel(members(), LocalServer::launch);
    inParallel(members(), LocalServer::awaitAnswering);
    inParallel(sets, set -> set.initiate(spec.electionTimeoutMillis()));
    inParallel(sets, set -> access.createUsersOn(set.awaitPrimary()));
    mongos.ifPresent(this::createShards);
  }

  private void createShards(LocalServer router) {
    router.start();
    for (LocalReplicaSet shard : dataSets()) {
      router.run(
          "admin",
          new BsonDocument("addShard", new BsonString(shard.seedList()))
              .append("name", new BsonString(shard.shardId().orElseThrow())));
    }
    String db = SHARDED_COLLECTION.substring(0, SHARDED_COLLECTION.indexOf('.'));
    router.run("admin", new BsonDocument("enableSharding", new BsonString(db)));
    router.run(
        "admin",
        new BsonDocument("shardCollection", new BsonString(SHARDED_COLLECTION))
            .append("key", new BsonDocument("_id", new BsonString("hashed"))));
    router.run("admin", new BsonDocument("listShards", new BsonInt32(1)));
  }

  private void killAll() {
    inParallel(Stream.concat(members().stream(), mongos.stream()).toList(), LocalServer::kill);
  }

  private static <T> void inParallel(List<T> items, Consumer<T> action) {
    List<CompletableFuture<Void>> all = new ArrayList<>();
    for (T item : items) {
      CompletableFuture<Void> done = new CompletableFuture<>();
      Thread thread =
          new Thread(
              () -> {
                try {
                  action.accept(item);
                  done.complete(null);
                } catch (RuntimeException e) {
                  done.completeExceptionally(e);
                }
              },
              "cluster-" + item);
      thread.setDaemon(true);
      thread.start();
      all.add(done);
    }
    try {
      CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).join();
    } catch (CompletionException e) {
      throw new ClusterException(e.getCause().getMessage(), e.getCause());
    }
  }
}
