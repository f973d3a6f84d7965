package io.stillpoint.sandbox.cluster;

import io.stillpoint.sandbox.wire.CommandException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.bson.BsonArray;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;
import org.bson.BsonValue;

/** The members of one replica set. */
public final class LocalReplicaSet {
  private static final Duration DEADLINE = Duration.ofSeconds(90);
  private static final int PRIMARY = 1;
  private static final int SECONDARY = 2;

  private final String name;
  private final ServerRole role;
  private final Optional<String> shardId;
  private final List<LocalServer> members;

  LocalReplicaSet(
      String name, ServerRole role, Optional<String> shardId, List<LocalServer> members) {
    this.name = name;
    this.role = role;
    this.shardId = shardId;
    this.members = List.copyOf(members);
  }

  public String name() {
    return name;
  }

  public ServerRole role() {
    return role;
  }

  public Optional<String> shardId() {
    return shardId;
  }

  /** The first one is the preferred primary, the third and later ones are hidden. */
  public List<LocalServer> members() {
    return members;
  }

  /** {@code name/host:port,...} with every member that is not hidden, as shards are added. */
  public String seedList() {
    return name + "/" + hosts();
  }

  public String uri() {
    return members.get(0).uri(hosts(), "replicaSet=" + name);
  }

  String hosts() {
    return members.stream().limit(2).map(LocalServer::address).collect(Collectors.joining(","));
  }

  /** Configures the set, makes its first member primary and waits until all are healthy. */
  void initiate(int electionTimeoutMillis) {
    BsonDocument config =
        new BsonDocument("_id", new BsonString(name)).append("version", new BsonInt32(1));
    if (role == ServerRole.CONFIG_SERVER) {
      config.append("configsvr", BsonBoolean.TRUE);
    }
    BsonArray list = new BsonArray();
    for (int i = 0; i < members.size(); i++) {
      BsonDocument member =
          new BsonDocument("_id", new BsonInt32(i))
              .append("host", new BsonString(members.get(i).address()))
              .append("priority", new BsonInt32(i == 0 ? 2 : i == 1 ? 1 : 0));
      if (i >= 2) {
        member.append("hidden", BsonBoolean.TRUE);
      }
      list.add(member);
    }
    config.append("members", list);
    config.append(
        "settings",
        new BsonDocument("electionTimeoutMillis", new BsonInt32(electionTimeoutMillis)));
    members.get(0).run("admin", new BsonDocument("replSetInitiate", config));
    awaitPrimary();
    awaitHealthy();
  }

  /** The member that calls itself writable, if any. */
  public Optional<LocalServer> primary() {
    return members.stream().filter(LocalReplicaSet::isWritable).findFirst();
  }

  /** Waits for a primary, and helps the first member to become it instead of waiting for a vote. */
  public LocalServer awaitPrimary() {
    Poll.untilNull(
        DEADLINE,
        "election of a primary of " + name,
        () -> {
          if (primary().isPresent()) {
            return null;
          }
          try {
            members.get(0).run("admin", new BsonDocument("replSetStepUp", new BsonInt32(1)));
            return "no member is writable yet";
          } catch (CommandException | ClusterException e) {
            return e.getMessage();
          }
        });
    return primary().orElseGet(this::awaitPrimary);
  }

  /** Waits until every member is primary or secondary, in the primary's eyes and its own. */
  public void awaitHealthy() {
    Poll.untilNull(DEADLINE, "health of every member of " + name, this::unhealthy);
  }

  private String unhealthy() {
    Optional<LocalServer> primary = primary();
    if (primary.isEmpty()) {
      return "no primary";
    }
    try {
      BsonDocument status =
          primary.get().run("admin", new BsonDocument("replSetGetStatus", new BsonInt32(1)));
      for (BsonValue each : status.getArray("members")) {
        BsonDocument member = each.asDocument();
        int state = member.getNumber("state").intValue();
        if (state != PRIMARY && state != SECONDARY) {
          return member.getString("name").getValue() + " has state " + state;
        }
      }
      return members.stream()
          .filter(member -> !isReadable(member))
          .map(member -> member.name() + " cannot be read")
          .findFirst()
          .orElse(null);
    } catch (CommandException | ClusterException e) {
      return e.getMessage();
    }
  }

  private static boolean isWritable(LocalServer member) {
    return says(member, "ismaster");
  }

  private static boolean isReadable(LocalServer member) {
    return says(member, "ismaster") || says(member, "secondary");
  }

  private static boolean says(LocalServer member, String field) {
    if (member.running().isEmpty()) {
      return false;
    }
    try {
      return member
          .run("admin", new BsonDocument("isMaster", new BsonInt32(1)))
          .getBoolean(field, BsonBoolean.FALSE)
          .getValue();
    } catch (CommandException | ClusterException e) {
      return false;
    }
  }
}
