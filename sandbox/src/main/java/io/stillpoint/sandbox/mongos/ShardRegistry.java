package io.stillpoint.sandbox.mongos;

import io.stillpoint.sandbox.auth.Peers;
import io.stillpoint.sandbox.wire.CommandException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;

/** The clients of the config server and the shards, by shard id. */
final class ShardRegistry implements AutoCloseable {
  /** The name under which the config server appears beside the shards. */
  static final String CONFIG = "config";

  private final ReplicaSetClient config;
  private final ClusterClock clock;
  private final Catalog catalog;
  private final Peers peers;
  private final Map<String, ReplicaSetClient> clients = new ConcurrentHashMap<>();
  private final ExecutorService executor =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "ShardRegistry");
            thread.setDaemon(true);
            return thread;
          });

  ShardRegistry(ReplicaSetClient config, ClusterClock clock, Catalog catalog, Peers peers) {
    this.peers = peers;
    this.config = config;
    this.clock = clock;
    this.catalog = catalog;
  }

  List<String> ids() {
    return List.copyOf(catalog.shards().keySet());
  }

  /**
   * @throws CommandException 70 for an unknown shard
   */
  ReplicaSetClient client(String shard) {
    if (shard.equals(CONFIG)) {
      return config;
    }
    String host = catalog.shards().get(shard);
    if (host == null) {
      throw new CommandException(70, "ShardNotFound", "Shard " + shard + " not found");
    }
    // A shard keeps its id when its hosts change, after a restore for example.
    return clients.compute(
        shard,
        (id, known) ->
            known != null && known.connectionString().equals(host) ? known : connect(host, clock));
  }

  /** A client of a set that is no shard yet, or not any more. */
  ReplicaSetClient connect(String connectionString, ClusterClock of) {
    return new ReplicaSetClient(connectionString, of, peers);
  }

  /** Runs something for each shard at the same time; results in the order of the shards. */
  <T> Map<String, T> each(Collection<String> shards, Function<String, T> action) {
    Map<String, T> results = new LinkedHashMap<>();
    if (shards.size() == 1) {
      String only = shards.iterator().next();
      results.put(only, action.apply(only));
      return results;
    }
    Map<String, Future<T>> futures = new LinkedHashMap<>();
    shards.forEach(shard -> futures.put(shard, executor.submit(() -> action.apply(shard))));
    List<RuntimeException> failures = new ArrayList<>();
    futures.forEach(
        (shard, future) -> {
          try {
            results.put(shard, future.get());
          } catch (ExecutionException e) {
            failures.add(
                e.getCause() instanceof RuntimeException known
                    ? known
                    : new IllegalStateException(e.getCause()));
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            failures.add(new CommandException(11601, "Interrupted", "operation was interrupted"));
          }
        });
    if (!failures.isEmpty()) {
      throw failures.get(0);
    }
    return results;
  }

  @Override
  public void close() {
    executor.shutdownNow();
    clients.values().forEach(ReplicaSetClient::close);
    config.close();
  }
}
