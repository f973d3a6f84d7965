package io.stillpoint.sandbox.mongos;

import static io.stillpoint.sandbox.mongos.Bson.doc;
import static io.stillpoint.sandbox.mongos.Bson.isOk;

import io.stillpoint.sandbox.auth.Peers;
import io.stillpoint.sandbox.wire.CommandException;
import io.stillpoint.sandbox.wire.WireClient;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.locks.LockSupport;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonValue;

/** Sends commands to the primary of one replica set, and finds it again after an election. */
final class ReplicaSetClient implements AutoCloseable {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
  private static final Duration FIND_PRIMARY_TIMEOUT = Duration.ofSeconds(20);
  private static final Duration LONGEST_COMMAND = Duration.ofMinutes(10);
  private static final Duration RETRY_INTERVAL = Duration.ofMillis(100);

  /** The codes of "not primary", "recovering", shutdown, and connections lost inside the set. */
  private static final Set<Integer> RETRYABLE =
      Set.of(6, 7, 89, 91, 189, 9001, 10107, 11600, 11602, 13435, 13436, 10058, 262);

  private final String connectionString;
  private final String name;
  private final Set<String> hosts;
  private final ClusterClock clock;
  private final Peers peers;
  private final Map<String, Deque<WireClient>> idle = new ConcurrentHashMap<>();
  private volatile String primary;

  /**
   * @param connectionString {@code set/host:port,...}, as in {@code config.shards}
   */
  ReplicaSetClient(String connectionString, ClusterClock clock, Peers peers) {
    this.peers = peers;
    this.connectionString = connectionString;
    int slash = connectionString.indexOf('/');
    this.name = connectionString.substring(0, slash);
    this.hosts =
        new LinkedHashSet<>(Arrays.asList(connectionString.substring(slash + 1).split(",")));
    this.clock = clock;
  }

  /** A reply and the member that it came from. */
  record Reply(String address, BsonDocument body) {}

  String connectionString() {
    return connectionString;
  }

  String name() {
    return name;
  }

  /**
   * Sends a command to the primary and returns its reply, an error reply included.
   *
   * @param repeatable whether it may be sent again when it is unknown whether it was executed
   * @throws CommandException 133 if there is no primary for 20 s, 6 if the connection broke
   */
  Reply send(String db, BsonDocument command, boolean repeatable) {
    long deadline = System.nanoTime() + FIND_PRIMARY_TIMEOUT.toNanos();
    while (true) {
      String address = primaryUntil(deadline);
      try {
        BsonDocument reply = sendTo(address, db, command);
        if (!isRetryable(reply) || !repeatable || System.nanoTime() > deadline) {
          forgetPrimaryIf(isRetryable(reply));
          return new Reply(address, reply);
        }
      } catch (IOException e) {
        if (!repeatable || System.nanoTime() > deadline) {
          primary = null;
          throw new CommandException(
              6,
              "HostUnreachable",
              "network error while sending to " + address + ": " + e,
              command.containsKey("txnNumber") ? List.of("RetryableWriteError") : List.of());
        }
      }
      primary = null;
      LockSupport.parkNanos(RETRY_INTERVAL.toNanos());
    }
  }

  /** Sends a command to one member, such as the one that holds a cursor. */
  BsonDocument sendTo(String address, String db, BsonDocument command) throws IOException {
    BsonDocument stamped = Bson.copy(command);
    clock.stamp(stamped);
    Deque<WireClient> pool = idle.computeIfAbsent(address, key -> new ConcurrentLinkedDeque<>());
    WireClient client = pool.pollFirst();
    boolean reused = client != null;
    try {
      if (client == null) {
        client = peers.connect(address, CONNECT_TIMEOUT);
      }
      BsonDocument reply = client.send(db, stamped, LONGEST_COMMAND);
      clock.learn(reply);
      pool.addFirst(client);
      return reply;
    } catch (IOException e) {
      closeIdle(address);
      if (reused && isReadOnly(command)) {
        return sendTo(address, db, command);
      }
      throw e;
    }
  }

  @Override
  public void close() {
    List.copyOf(idle.keySet()).forEach(this::closeIdle);
  }

  private void forgetPrimaryIf(boolean stale) {
    if (stale) {
      primary = null;
    }
  }

  private static boolean isReadOnly(BsonDocument command) {
    return Set.of("find", "count", "distinct", "isMaster", "listCollections", "listDatabases")
        .contains(command.getFirstKey());
  }

  private static boolean isRetryable(BsonDocument reply) {
    return !isOk(reply)
        && RETRYABLE.contains(reply.get("code", new BsonInt32(0)).asNumber().intValue());
  }

  private String primaryUntil(long deadline) {
    while (true) {
      String known = primary;
      if (known == null) {
        known = findPrimary();
        primary = known;
      }
      if (known != null) {
        return known;
      }
      if (System.nanoTime() > deadline) {
        throw new CommandException(
            133,
            "FailedToSatisfyReadPreference",
            "Could not find host matching read preference { mode: \"primary\" } for set " + name);
      }
      LockSupport.parkNanos(RETRY_INTERVAL.toNanos());
    }
  }

  private synchronized String findPrimary() {
    for (String host : new ArrayList<>(hosts)) {
      try {
        BsonDocument hello = sendTo(host, "admin", doc("isMaster", 1));
        for (String field : List.of("hosts", "passives")) {
          if (hello.isArray(field)) {
            for (BsonValue other : hello.getArray(field)) {
              hosts.add(other.asString().getValue());
            }
          }
        }
        if (hello.getBoolean("ismaster", BsonBoolean.FALSE).getValue()) {
          return host;
        }
      } catch (IOException e) {
        // That member is down; another one may be primary.
      }
    }
    return null;
  }

  private void closeIdle(String address) {
    Deque<WireClient> pool = idle.remove(address);
    if (pool != null) {
      pool.forEach(WireClient::close);
    }
  }
}
