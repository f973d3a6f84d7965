package io.stillpoint.sandbox.mongod.command;

import io.stillpoint.sandbox.mongod.Mongod;
import io.stillpoint.sandbox.mongod.config.ServerVersion;
import io.stillpoint.sandbox.mongod.repl.MemberState;
import io.stillpoint.sandbox.mongod.repl.MemberView;
import io.stillpoint.sandbox.mongod.repl.OpTime;
import io.stillpoint.sandbox.mongod.repl.ReplicaSet;
import io.stillpoint.sandbox.mongod.repl.ReplicaSetConfig;
import io.stillpoint.sandbox.mongod.repl.ReplicaSetConfig.Member;
import io.stillpoint.sandbox.wire.CommandException;
import java.util.List;
import java.util.Map;
import org.bson.BsonArray;
import org.bson.BsonBoolean;
import org.bson.BsonDateTime;
import org.bson.BsonDocument;
import org.bson.BsonDouble;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonString;
import org.bson.BsonTimestamp;

/** {@code hello} and {@code replSetGetStatus}. */
final class ReplicaSetStatus {
  private final Mongod mongod;

  ReplicaSetStatus(Mongod mongod) {
    this.mongod = mongod;
  }

  void register(Map<String, Command> commands) {
    commands.put("hello", r -> hello("isWritablePrimary"));
    NodeAccess.put(commands, r -> hello("ismaster"), "isMaster", "ismaster");
    commands.put("replSetGetStatus", r -> status());
  }

  private BsonDocument hello(String primaryField) {
    BsonDocument hello = new BsonDocument();
    if (mongod.replication().isPresent()) {
      describeSet(hello, mongod.replication().get().set(), primaryField);
    } else {
      hello.append(primaryField, BsonBoolean.TRUE);
    }
    ServerVersion version = mongod.version();
    hello
        .append("helloOk", BsonBoolean.TRUE)
        .append("maxBsonObjectSize", new BsonInt32(16 << 20))
        .append("maxMessageSizeBytes", new BsonInt32(48_000_000))
        .append("maxWriteBatchSize", new BsonInt32(100_000))
        .append("localTime", new BsonDateTime(System.currentTimeMillis()))
        .append(
            "logicalSessionTimeoutMinutes",
            new BsonInt32((int) mongod.parameters().number("localLogicalSessionTimeoutMinutes")))
        .append("connectionId", new BsonInt32(1))
        .append("minWireVersion", new BsonInt32(0))
        .append("maxWireVersion", new BsonInt32(version.maxWireVersion()))
        .append("readOnly", BsonBoolean.FALSE);
    if (mongod.options().isConfigServer()) {
      hello.append("configsvr", new BsonInt32(2));
    }
    return hello;
  }

  private static void describeSet(BsonDocument hello, ReplicaSet set, String primaryField) {
    ReplicaSetConfig config = set.config();
    if (config == null || set.self() == null) {
      hello
          .append(primaryField, BsonBoolean.FALSE)
          .append("secondary", BsonBoolean.FALSE)
          .append("info", new BsonString("Does not have a valid replica set config"))
          .append("isreplicaset", BsonBoolean.TRUE);
      return;
    }
    boolean primary = set.isPrimary() && set.writable();
    hello
        .append("setName", new BsonString(set.setName()))
        .append("setVersion", new BsonInt32((int) config.version()))
        .append(primaryField, BsonBoolean.valueOf(primary))
        // An elected primary that does not take writes yet calls itself a secondary.
        .append(
            "secondary",
            BsonBoolean.valueOf(
                set.state() == MemberState.SECONDARY || (set.isPrimary() && !primary)))
        .append("hosts", hosts(config, m -> !m.hidden() && !m.arbiter() && m.priority() > 0));
    BsonArray passives = hosts(config, m -> !m.hidden() && !m.arbiter() && m.priority() == 0);
    if (!passives.isEmpty()) {
      hello.append("passives", passives);
    }
    BsonArray arbiters = hosts(config, Member::arbiter);
    if (!arbiters.isEmpty()) {
      hello.append("arbiters", arbiters);
    }
    if (set.primary() != null) {
      hello.append("primary", new BsonString(set.primary()));
    }
    Member self = set.self();
    if (self.arbiter()) {
      hello.append("arbiterOnly", BsonBoolean.TRUE);
    }
    if (self.priority() == 0 && !self.arbiter()) {
      hello.append("passive", BsonBoolean.TRUE);
    }
    if (self.hidden()) {
      hello.append("hidden", BsonBoolean.TRUE);
    }
    if (!self.tags().isEmpty()) {
      hello.append("tags", self.tags());
    }
    hello.append("me", new BsonString(self.host()));
    if (primary) {
      hello.append("electionId", ReplicationCommands.electionId(set.term()));
    }
    hello.append("lastWrite", lastWrite(set));
  }

  private static BsonArray hosts(
      ReplicaSetConfig config, java.util.function.Predicate<Member> which) {
    return new BsonArray(
        config.members().stream().filter(which).map(m -> new BsonString(m.host())).toList());
  }

  private static BsonDocument lastWrite(ReplicaSet set) {
    OpTime majority = set.committed();
    return new BsonDocument("opTime", set.applied().toBson())
        .append("lastWriteDate", date(set.applied()))
        .append("majorityOpTime", majority.toBson())
        .append("majorityWriteDate", date(majority));
  }

  private static BsonDateTime date(OpTime at) {
    return new BsonDateTime((at.ts() >>> 32) * 1000);
  }

  private BsonDocument status() {
    ReplicaSet set =
        mongod
            .replication()
            .orElseThrow(
                () ->
                    new CommandException(76, "NoReplicationEnabled", "not running with --replSet"))
            .set();
    set.requireInitialized();
    OpTime stable = new OpTime(set.stableTimestamp(), set.committed().term());
    BsonDocument optimes =
        new BsonDocument("lastCommittedOpTime", set.committed().toBson())
            .append("lastCommittedWallTime", date(set.committed()))
            .append("readConcernMajorityOpTime", stable.toBson())
            .append("appliedOpTime", set.applied().toBson())
            .append("durableOpTime", set.durable().toBson())
            .append("lastAppliedWallTime", date(set.applied()))
            .append("lastDurableWallTime", date(set.durable()));
    return new BsonDocument("set", new BsonString(set.setName()))
        .append("date", new BsonDateTime(System.currentTimeMillis()))
        .append("myState", new BsonInt32(set.state().code()))
        .append("term", new BsonInt64(set.term()))
        .append("syncSourceHost", new BsonString(set.syncSource()))
        .append(
            "syncSourceId",
            new BsonInt32(
                set.config().memberAt(set.syncSource()) == null
                    ? -1
                    : set.config().memberAt(set.syncSource()).id()))
        .append("heartbeatIntervalMillis", new BsonInt64(set.config().heartbeatIntervalMillis()))
        .append("majorityVoteCount", new BsonInt32(set.config().majority()))
        .append("optimes", optimes)
        .append(
            "lastStableRecoveryTimestamp",
            new BsonTimestamp(mongod.store().engine().checkpointTimestamp()))
        .append("members", members(set));
  }

  private BsonArray members(ReplicaSet set) {
    List<BsonDocument> members =
        set.config().members().stream()
            .map(
                m ->
                    set.self() != null && m.id() == set.self().id()
                        ? self(set)
                        : other(m, set.view(m.id())))
            .toList();
    return new BsonArray(members);
  }

  private BsonDocument self(ReplicaSet set) {
    long uptime = (System.currentTimeMillis() - mongod.startedAt()) / 1000;
    BsonDocument self =
        new BsonDocument("_id", new BsonInt32(set.self().id()))
            .append("name", new BsonString(set.self().host()))
            .append("health", new BsonDouble(1))
            .append("state", new BsonInt32(set.state().code()))
            .append("stateStr", new BsonString(set.state().label()))
            .append("uptime", new BsonInt32((int) uptime))
            .append("optime", set.applied().toBson())
            .append("optimeDate", date(set.applied()))
            .append("optimeDurable", set.durable().toBson())
            .append("optimeDurableDate", date(set.durable()))
            .append("syncSourceHost", new BsonString(set.syncSource()));
    if (set.isPrimary()) {
      self.append("electionTime", new BsonTimestamp(set.electionTimestamp()))
          .append("electionDate", new BsonDateTime(set.electionDate()));
    }
    return self.append("configVersion", new BsonInt32((int) set.config().version()))
        .append("configTerm", new BsonInt32((int) set.config().term()))
        .append("self", BsonBoolean.TRUE);
  }

  private static BsonDocument other(Member member, MemberView view) {
    BsonDocument other =
        new BsonDocument("_id", new BsonInt32(member.id()))
            .append("name", new BsonString(member.host()))
            .append("health", new BsonDouble(view.reachable() ? 1 : 0))
            .append("state", new BsonInt32(view.state().code()))
            .append("stateStr", new BsonString(view.state().label()))
            .append("uptime", new BsonInt32(0));
    if (!member.arbiter()) {
      other
          .append("optime", view.applied().toBson())
          .append("optimeDurable", view.durable().toBson())
          .append("optimeDate", date(view.applied()))
          .append("optimeDurableDate", date(view.durable()));
    }
    if (view.state() == MemberState.PRIMARY && view.electionTime() != null) {
      other.append("electionTime", view.electionTime().get("electionTime"));
    }
    return other
        .append("lastHeartbeatMessage", new BsonString(""))
        .append("syncSourceHost", new BsonString(""))
        .append("configVersion", new BsonInt32((int) view.configVersion()));
  }
}
