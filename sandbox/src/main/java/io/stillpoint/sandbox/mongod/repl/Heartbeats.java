package io.stillpoint.sandbox.mongod.repl;

import io.stillpoint.sandbox.auth.Peers;
import io.stillpoint.sandbox.mongod.repl.ReplicaSetConfig.Member;
import io.stillpoint.sandbox.wire.CommandException;
import io.stillpoint.sandbox.wire.WireClient;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonString;

/** Tells every other member how this one is, and learns how they are. */
public final class Heartbeats {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  private final ReplicaSet set;
  private final Peers peers;
  private final Map<Integer, Thread> threads = new HashMap<>();
  private volatile boolean stopped;

  public Heartbeats(ReplicaSet set, Peers peers) {
    this.set = set;
    this.peers = peers;
  }

  /** Starts a thread for every member that has none; called at each tick of the timer. */
  synchronized void ensureRunning() {
    threads.values().removeIf(thread -> !thread.isAlive());
    for (Member other : set.others()) {
      if (!stopped && !threads.containsKey(other.id())) {
        Thread thread = new Thread(() -> run(other), "ReplCoord-" + other.id());
        thread.setDaemon(true);
        threads.put(other.id(), thread);
        thread.start();
      }
    }
  }

  /** Sends a round at once, for what must not wait for the interval. */
  public synchronized void hurry() {
    threads.values().forEach(Thread::interrupt);
  }

  synchronized void stop() {
    stopped = true;
    threads.values().forEach(Thread::interrupt);
  }

  private void run(Member member) {
    WireClient client = null;
    while (!stopped && set.others().contains(member)) {
      try {
        if (client == null || client.isClosed()) {
          client = peers.connect(member.host(), TIMEOUT);
        }
        BsonDocument reply = client.run("admin", request(member), TIMEOUT);
        receive(member.id(), reply);
      } catch (IOException | CommandException e) {
        set.lost(member.id());
      }
      pause(set.view(member.id()).reachable());
    }
    if (client != null) {
      client.close();
    }
  }

  private void pause(boolean healthy) {
    long interval = set.config().heartbeatIntervalMillis();
    try {
      // A member that is starting is looked for more often, so that a set forms quickly.
      Thread.sleep(healthy ? interval : Math.min(interval, 250));
    } catch (InterruptedException e) {
      // Hurried: the next round is due now.
    }
  }

  private BsonDocument request(Member member) {
    ReplicaSetConfig config = set.config();
    BsonDocument request =
        new BsonDocument("replSetHeartbeat", new BsonString(set.setName()))
            .append("configVersion", new BsonInt64(config.version()))
            .append("from", new BsonString(set.self().host()))
            .append("fromId", new BsonInt32(set.self().id()));
    request.putAll(set.positions());
    if (set.view(member.id()).configVersion() != config.version()) {
      request.append("config", config.document());
    }
    return request;
  }

  /** Answers a heartbeat, learning from it too. */
  public BsonDocument answer(BsonDocument request) {
    if (!request.getString("replSetHeartbeat").getValue().equals(set.setName())) {
      throw new CommandException(
          93,
          "InvalidReplicaSetConfig",
          "replica set name %s does not match %s"
              .formatted(request.getString("replSetHeartbeat").getValue(), set.setName()));
    }
    if (request.isDocument("config")) {
      ReplicaSetConfig theirs = ReplicaSetConfig.of(request.getDocument("config"));
      if (theirs.newerThan(set.config())) {
        set.install(theirs, true);
      }
    }
    int from = request.getInt32("fromId").getValue();
    if (set.config() != null && set.config().member(from) != null) {
      note(from, request, request.getNumber("configVersion").longValue());
    }
    BsonDocument reply = set.positions();
    reply.append("set", new BsonString(set.setName()));
    reply.append("v", new BsonInt64(set.config() == null ? -1 : set.config().version()));
    return reply;
  }

  private void receive(int member, BsonDocument reply) {
    note(member, reply, reply.getNumber("v").longValue());
  }

  private void note(int member, BsonDocument positions, long configVersion) {
    set.seeTerm(positions.getNumber("term").longValue());
    set.heard(
        member,
        new MemberView(
            MemberState.of(positions.getNumber("state").intValue()),
            OpTime.of(positions.getDocument("opTime")),
            OpTime.of(positions.getDocument("durableOpTime")),
            positions.getNumber("term").longValue(),
            configVersion,
            0,
            true,
            new BsonDocument("electionTime", positions.get("electionTime"))),
        OpTime.of(positions.getDocument("lastCommitted")));
  }
}
