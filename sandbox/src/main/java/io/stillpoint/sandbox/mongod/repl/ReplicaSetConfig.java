package io.stillpoint.sandbox.mongod.repl;

import io.stillpoint.sandbox.mongod.query.Update;
import io.stillpoint.sandbox.wire.CommandException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.bson.BsonArray;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonDouble;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonNumber;
import org.bson.BsonObjectId;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.bson.types.ObjectId;

/** A replica set's configuration document, {@code local.system.replset}, with its parts. */
public record ReplicaSetConfig(BsonDocument document, List<Member> members) {

  /** One member of the configuration. */
  public record Member(
      int id,
      String host,
      double priority,
      int votes,
      boolean hidden,
      boolean arbiter,
      long delaySeconds,
      BsonDocument tags) {

    public boolean votes1() {
      return votes > 0;
    }

    public boolean electable() {
      return priority > 0 && !arbiter;
    }
  }

  /** Reads a configuration that was completed before. */
  public static ReplicaSetConfig of(BsonDocument document) {
    List<Member> members = new ArrayList<>();
    for (BsonValue value : document.getArray("members")) {
      BsonDocument m = value.asDocument();
      members.add(
          new Member(
              number(m, "_id", 0).intValue(),
              m.getString("host").getValue(),
              number(m, "priority", 1).doubleValue(),
              number(m, "votes", 1).intValue(),
              Update.isTrue(m.get("hidden")),
              Update.isTrue(m.get("arbiterOnly")),
              number(m, m.containsKey("slaveDelay") ? "slaveDelay" : "secondaryDelaySecs", 0)
                  .longValue(),
              m.getDocument("tags", new BsonDocument())));
    }
    return new ReplicaSetConfig(document, members);
  }

  private static BsonNumber number(BsonDocument document, String key, int otherwise) {
    return document.getNumber(key, new BsonInt32(otherwise));
  }

  /**
   * Fills in what a configuration from a client leaves out.
   *
   * @throws CommandException 93 when it is not a usable configuration
   */
  public static ReplicaSetConfig complete(
      BsonDocument given,
      long version,
      long term,
      boolean configServer,
      boolean delayIsSlaveDelay) {
    BsonDocument result = new BsonDocument("_id", given.get("_id"));
    result.append("version", new BsonInt32((int) version)).append("term", new BsonInt64(term));
    if (configServer) {
      result.append("configsvr", BsonBoolean.TRUE);
    }
    result.append("protocolVersion", new BsonInt64(1));
    result.append("writeConcernMajorityJournalDefault", BsonBoolean.TRUE);
    BsonArray members = new BsonArray();
    Set<String> hosts = new HashSet<>();
    for (BsonValue value : given.getArray("members")) {
      BsonDocument m = value.asDocument();
      if (!hosts.add(m.getString("host").getValue())) {
        throw invalid("Found two member configurations with same host field, " + m.get("host"));
      }
      boolean arbiter = Update.isTrue(m.get("arbiterOnly"));
      BsonValue priority = m.get("priority", new BsonInt32(arbiter ? 0 : 1));
      boolean hidden = Update.isTrue(m.get("hidden"));
      if (hidden && priority.asNumber().doubleValue() != 0) {
        throw invalid("priority must be 0 when hidden=true");
      }
      String delay = delayIsSlaveDelay ? "slaveDelay" : "secondaryDelaySecs";
      BsonNumber delaySeconds =
          number(m, m.containsKey("slaveDelay") ? "slaveDelay" : "secondaryDelaySecs", 0);
      BsonDocument member =
          new BsonDocument("_id", new BsonInt32(m.getNumber("_id").intValue()))
              .append("host", m.get("host"))
              .append("arbiterOnly", BsonBoolean.valueOf(arbiter))
              .append(
                  "buildIndexes",
                  BsonBoolean.valueOf(Update.isTrue(m.get("buildIndexes", BsonBoolean.TRUE))))
              .append("hidden", BsonBoolean.valueOf(hidden))
              .append("priority", new BsonDouble(priority.asNumber().doubleValue()))
              .append("tags", m.getDocument("tags", new BsonDocument()))
              .append(delay, new BsonInt64(delaySeconds.longValue()))
              .append("votes", new BsonInt32(number(m, "votes", 1).intValue()));
      if (m.isDocument("horizons")) {
        member.append("horizons", m.getDocument("horizons"));
      }
      members.add(member);
    }
    return of(result.append("members", members).append("settings", settings(given)));
  }

  private static BsonDocument settings(BsonDocument given) {
    BsonDocument wanted = given.getDocument("settings", new BsonDocument());
    BsonDocument settings =
        new BsonDocument("chainingAllowed", BsonBoolean.TRUE)
            .append("heartbeatIntervalMillis", new BsonInt32(2000))
            .append("heartbeatTimeoutSecs", new BsonInt32(10))
            .append("electionTimeoutMillis", new BsonInt32(10000))
            .append("catchUpTimeoutMillis", new BsonInt32(-1))
            .append("catchUpTakeoverDelayMillis", new BsonInt32(30000))
            .append("getLastErrorModes", new BsonDocument())
            .append(
                "getLastErrorDefaults",
                new BsonDocument("w", new BsonInt32(1)).append("wtimeout", new BsonInt32(0)))
            .append("replicaSetId", new BsonObjectId(new ObjectId()));
    settings.putAll(wanted);
    return settings;
  }

  private static CommandException invalid(String message) {
    return new CommandException(93, "InvalidReplicaSetConfig", message);
  }

  public String setName() {
    return document.getString("_id").getValue();
  }

  public long version() {
    return document.getNumber("version").longValue();
  }

  /** The term of the primary that wrote it; -1 when the document has none. */
  public long term() {
    return document.containsKey("term") ? document.getNumber("term").longValue() : -1;
  }

  public long electionTimeoutMillis() {
    return setting("electionTimeoutMillis", 10_000);
  }

  public long heartbeatIntervalMillis() {
    return setting("heartbeatIntervalMillis", 2_000);
  }

  private long setting(String name, int otherwise) {
    return number(document.getDocument("settings", new BsonDocument()), name, otherwise)
        .longValue();
  }

  /** The custom write mode of this name, tag to number of different values; or null. */
  public BsonDocument writeMode(String name) {
    BsonDocument modes =
        document
            .getDocument("settings", new BsonDocument())
            .getDocument("getLastErrorModes", new BsonDocument());
    return modes.isDocument(name) ? modes.getDocument(name) : null;
  }

  public Member member(int id) {
    return members.stream().filter(m -> m.id() == id).findFirst().orElse(null);
  }

  public Member memberAt(String host) {
    return members.stream().filter(m -> m.host().equals(host)).findFirst().orElse(null);
  }

  public int majority() {
    return (int) members.stream().filter(Member::votes1).count() / 2 + 1;
  }

  /** Whether this one replaces the other. */
  boolean newerThan(ReplicaSetConfig other) {
    if (other == null) {
      return true;
    }
    boolean comparable = term() >= 0 && other.term() >= 0;
    return comparable && term() != other.term()
        ? term() > other.term()
        : version() > other.version();
  }

  /** The members' addresses as a seed list, {@code set/host:port,...}. */
  public BsonString seedList() {
    return new BsonString(
        setName()
            + "/"
            + String.join(
                ",",
                members.stream()
                    .filter(m -> !m.hidden() && !m.arbiter())
                    .map(Member::host)
                    .toList()));
  }
}
