package io.stillpoint.mongo;

import io.stillpoint.activity.ClusterActivities.StepUpRequest;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;

/**
 * Waits until the servers have finished the distributed transactions and migrations that lay across
 * the consistent point. Until then a plain read silently shows the state before the commit.
 */
public final class Settling {

  private final MongoConnections connections;
  private final ParallelCalls calls;
  private final Duration deadline;

  public Settling(MongoConnections connections, ParallelCalls calls) {
    this(connections, calls, Duration.ofMinutes(10));
  }

  public Settling(MongoConnections connections, ParallelCalls calls, Duration deadline) {
    this.connections = connections;
    this.calls = calls;
    this.deadline = deadline;
  }

  /**
   * @param waiting told what is left, one sentence each, on every look
   * @throws StillpointException NOT_SETTLED with what is left after the deadline
   */
  public void await(String cluster, List<StepUpRequest> sets, Consumer<List<String>> waiting) {
    Backoff backoff = new Backoff(Duration.ofMillis(20), Duration.ofSeconds(1), deadline);
    while (true) {
      List<String> left = left(cluster, sets);
      if (left.isEmpty()) {
        return;
      }
      waiting.accept(left);
      if (!backoff.pause()) {
        throw new StillpointException(
            ErrorCode.NOT_SETTLED,
            "the restored cluster is not settled after %d s: %s"
                .formatted(deadline.toSeconds(), String.join("; ", left)),
            "check that every shard and the config server run and reach each other, then resume");
      }
    }
  }

  private List<String> left(String cluster, List<StepUpRequest> sets) {
    return calls.map(sets, s -> left(cluster, s)).stream().flatMap(List::stream).toList();
  }

  private List<String> left(String cluster, StepUpRequest set) {
    for (String member : set.members()) {
      try {
        BsonDocument hello = connections.probe(cluster, member).hello();
        if (BsonFields.flag(hello, "isWritablePrimary") || BsonFields.flag(hello, "ismaster")) {
          return left(connections.server(cluster, member), set.set());
        }
      } catch (StillpointException e) {
        if (e.code() == ErrorCode.MONGO_NOT_AUTHORIZED) {
          throw e;
        }
      }
    }
    return List.of("set '%s' has no primary".formatted(set.set()));
  }

  private static List<String> left(ServerConnection primary, String set) {
    List<String> left = new ArrayList<>();
    long prepared =
        BsonFields.integer(primary.admin("serverStatus"), "transactions.currentPrepared");
    if (prepared > 0) {
      left.add("%d prepared transactions on set '%s'".formatted(prepared, set));
    }
    // Only shards and the config server have these; elsewhere they read as empty.
    for (String name : List.of("transaction_coordinators", "migrationCoordinators", "migrations")) {
      if (!isEmpty(primary, name)) {
        left.add("config.%s on set '%s' is not empty".formatted(name, set));
      }
    }
    return left;
  }

  private static boolean isEmpty(ServerConnection primary, String collection) {
    return primary
        .find(
            "config",
            new BsonDocument("find", new BsonString(collection)).append("limit", new BsonInt32(1)))
        .isEmpty();
  }
}
