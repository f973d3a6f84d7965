package io.stillpoint.sandbox.mongod.command;

import io.stillpoint.sandbox.mongod.Mongod;
import io.stillpoint.sandbox.mongod.query.Documents;
import io.stillpoint.sandbox.mongod.query.Update;
import io.stillpoint.sandbox.mongod.repl.MemberState;
import io.stillpoint.sandbox.mongod.repl.OpTime;
import io.stillpoint.sandbox.mongod.repl.ReplicaSet;
import io.stillpoint.sandbox.mongod.repl.ReplicaSetConfig;
import io.stillpoint.sandbox.mongod.repl.ReplicaSetConfig.Member;
import io.stillpoint.sandbox.mongod.repl.Replication;
import io.stillpoint.sandbox.wire.CommandException;
import io.stillpoint.sandbox.wire.WireClient;
import java.io.IOException;
import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonObjectId;
import org.bson.BsonString;
import org.bson.types.ObjectId;

/** Commands that manage the replica set, from people and from other members. */
final class ReplicationCommands {
  private final Mongod mongod;
  private final NodeAccess access;

  ReplicationCommands(Mongod mongod, NodeAccess access) {
    this.mongod = mongod;
    this.access = access;
  }

  void register(Map<String, Command> commands) {
    commands.put("replSetInitiate", this::initiate);
    commands.put("replSetReconfig", this::reconfig);
    commands.put("replSetGetConfig", r -> new BsonDocument("config", config().document()));
    commands.put("replSetStepUp", r -> stepUp());
    commands.put("replSetStepDown", this::stepDown);
    commands.put("replSetFreeze", r -> new BsonDocument());
    commands.put("replSetMaintenance", this::maintenance);
    commands.put("replSetAbortPrimaryCatchUp", r -> abortCatchUp());
    commands.put("appendOplogNote", this::appendNote);
    commands.put("replSetHeartbeat", r -> replication().heartbeats().answer(r.command()));
    commands.put("replSetRequestVotes", r -> replication().set().vote(r.command()));
    commands.put("replSetFetchOplog", r -> replication().fetcher().answer(r.command()));
    commands.put("replSetUpdatePosition", this::updatePosition);
  }

  private Replication replication() {
    return mongod
        .replication()
        .orElseThrow(
            () -> new CommandException(76, "NoReplicationEnabled", "not running with --replSet"));
  }

  private ReplicaSetConfig config() {
    replication().set().requireInitialized();
    return replication().set().config();
  }

  private BsonDocument initiate(Request request) {
    BsonDocument given =
        request.argument().isDocument() ? request.argument().asDocument() : new BsonDocument();
    if (given.isEmpty()) {
      String host = "127.0.0.1:" + mongod.options().port();
      given =
          new BsonDocument("_id", new BsonString(replication().set().setName()))
              .append(
                  "members",
                  new org.bson.BsonArray(
                      java.util.List.of(
                          new BsonDocument("_id", new BsonInt32(0))
                              .append("host", new BsonString(host)))));
    }
    replication().initiate(Documents.copy(given), !mongod.version().atLeast(5));
    return new BsonDocument();
  }

  private BsonDocument reconfig(Request request) throws InterruptedException {
    ReplicaSet set = replication().set();
    boolean force = Update.isTrue(request.command().get("force"));
    if (!set.isPrimary() && !force) {
      throw new CommandException(
          10107,
          "NotWritablePrimary",
          "replSetReconfig should only be run on a writable PRIMARY. Current state "
              + set.state().label());
    }
    BsonDocument given = request.argument().asDocument();
    long version = given.getNumber("version").longValue();
    if (version <= config().version()) {
      throw new CommandException(
          103,
          "NewReplicaSetConfigurationIncompatible",
          "version field value of %d is not greater than %d"
              .formatted(version, config().version()));
    }
    set.install(
        ReplicaSetConfig.complete(
            Documents.copy(given),
            version,
            set.term(),
            mongod.options().isConfigServer(),
            !mongod.version().atLeast(5)),
        true);
    replication().heartbeats().hurry();
    return new BsonDocument();
  }

  private BsonDocument stepUp() throws InterruptedException {
    config();
    replication().elections().stepUp();
    return new BsonDocument();
  }

  private BsonDocument abortCatchUp() {
    config();
    replication().set().abortCatchUp();
    return new BsonDocument();
  }

  private BsonDocument stepDown(Request request) throws InterruptedException {
    ReplicaSet set = replication().set();
    if (!set.isPrimary()) {
      throw new CommandException(10107, "NotWritablePrimary", "not primary so can't step down");
    }
    boolean force = Update.isTrue(request.command().get("force"));
    long seconds = request.argument().isNumber() ? request.number("replSetStepDown", 60) : 60;
    long catchUp = request.number("secondaryCatchUpPeriodSecs", 10);
    if (!set.others().isEmpty()) {
      Member heir = awaitHeir(set, force ? 0 : catchUp);
      if (heir == null && !force) {
        throw new CommandException(
            262,
            "ExceededTimeLimit",
            "No electable secondaries caught up as of the step down; use {force: true}");
      }
      set.stepDown(seconds * 1000);
      handOver(replication(), heir);
    } else {
      set.stepDown(seconds * 1000);
    }
    return new BsonDocument();
  }

  private static Member awaitHeir(ReplicaSet set, long seconds) throws InterruptedException {
    OpTime at = set.applied();
    long deadline = System.nanoTime() + seconds * 1_000_000_000;
    while (true) {
      Member heir =
          set.others().stream()
              .filter(Member::electable)
              .filter(m -> set.view(m.id()).state() == MemberState.SECONDARY)
              .filter(m -> set.view(m.id()).applied().compareTo(at) >= 0)
              .max(Comparator.comparingDouble(Member::priority))
              .orElse(null);
      if (heir != null || System.nanoTime() > deadline) {
        return heir;
      }
      set.awaitChange(20);
    }
  }

  /** Asks the best secondary to stand at once, so that nobody waits for a timeout. */
  private static void handOver(Replication replication, Member heir) {
    if (heir == null) {
      return;
    }
    Thread thread =
        new Thread(
            () -> {
              Duration timeout = Duration.ofSeconds(5);
              try (WireClient client = replication.peers().connect(heir.host(), timeout)) {
                client.send("admin", new BsonDocument("replSetStepUp", new BsonInt32(1)), timeout);
              } catch (IOException e) {
                // Without it the secondaries elect one of them after their timeout.
                return;
              }
            },
            "electionHandoff");
    thread.setDaemon(true);
    thread.start();
  }

  /** A primary that is shut down hands over first if it can. */
  static void stepDownForShutdown(Replication replication, boolean force) {
    try {
      Member heir = awaitHeir(replication.set(), force ? 1 : 10);
      if (heir == null && !force) {
        throw new CommandException(
            262, "ExceededTimeLimit", "No electable secondaries caught up; use {force: true}");
      }
      replication.set().stepDown(60_000);
      handOver(replication, heir);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private BsonDocument maintenance(Request request) {
    boolean on = Update.isTrue(request.argument());
    ReplicaSet set = replication().set();
    if (set.isPrimary()) {
      throw new CommandException(95, "NotSecondary", "primaries can't modify maintenance mode");
    }
    if (!on && !set.maintenance()) {
      throw new CommandException(96, "OperationFailed", "already out of maintenance mode");
    }
    set.maintenance(on);
    return new BsonDocument();
  }

  private BsonDocument appendNote(Request request) throws InterruptedException {
    Replication replication = replication();
    if (request.command().containsKey("maxClusterTime")) {
      long max = request.command().getTimestamp("maxClusterTime").getValue();
      if (max <= replication.set().applied().ts()) {
        throw new CommandException(
            209, "StaleClusterTime", "Requested maxClusterTime is less or equal to the last op");
      }
    }
    mongod
        .store()
        .write(
            () -> {
              access.requireWritable("admin.");
              mongod.writer().note("n", "", new BsonDocument("o", request.document("data")));
            });
    return access.awaitWriteConcern(request, new BsonDocument());
  }

  private BsonDocument updatePosition(Request request) {
    replication()
        .set()
        .position(
            request.number("from", -1),
            OpTime.of(request.document("applied")),
            OpTime.of(request.document("durable")));
    return new BsonDocument();
  }

  /** The id that drivers use to tell elections apart; grows with the term. */
  static BsonObjectId electionId(long term) {
    return new BsonObjectId(new ObjectId("7fffffff%016x".formatted(term)));
  }
}
