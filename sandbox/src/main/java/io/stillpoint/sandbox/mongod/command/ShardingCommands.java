package io.stillpoint.sandbox.mongod.command;

import io.stillpoint.sandbox.mongod.Mongod;
import io.stillpoint.sandbox.mongod.ShardIdentity;
import io.stillpoint.sandbox.mongod.catalog.Collection;
import io.stillpoint.sandbox.mongod.query.Documents;
import io.stillpoint.sandbox.mongod.query.Update;
import io.stillpoint.sandbox.mongod.repl.ReplicaSet;
import io.stillpoint.sandbox.wire.CommandException;
import java.util.Map;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonInt64;
import org.bson.BsonString;
import org.bson.BsonValue;

/** What a mongod does as a config server or a shard. */
final class ShardingCommands {
  private static final BsonString BALANCER = new BsonString("balancer");
  private static final BsonString AUTOSPLIT = new BsonString("autosplit");

  private final Mongod mongod;
  private final NodeAccess access;

  ShardingCommands(Mongod mongod, NodeAccess access) {
    this.mongod = mongod;
    this.access = access;
  }

  void register(Map<String, Command> commands) {
    commands.put("_configsvrBalancerStop", r -> balancer(r, false));
    commands.put("_configsvrBalancerStart", r -> balancer(r, true));
    commands.put("_configsvrBalancerStatus", this::balancerStatus);
    commands.put("getShardMap", r -> shardMap());
    commands.put("shardingState", r -> shardingState());
    commands.put("_addShard", this::addShard);
    commands.put("flushRouterConfig", r -> new BsonDocument("flushed", BsonBoolean.TRUE));
  }

  private void requireConfigServer(Request request) {
    if (!mongod.options().isConfigServer()) {
      throw new CommandException(
          20, "IllegalOperation", request.name() + " can only be run on config servers");
    }
  }

  /** Start does not restore what Stop changed: it turns automatic splitting on, as measured. */
  private BsonDocument balancer(Request request, boolean on) throws InterruptedException {
    requireConfigServer(request);
    if (request.writeConcern() != null) {
      throw new CommandException(72, "InvalidOptions", "Command does not support writeConcern");
    }
    mongod
        .store()
        .write(
            () -> {
              access.requireWritable("config.settings");
              set(
                  BALANCER,
                  new BsonDocument("mode", new BsonString(on ? "full" : "off"))
                      .append("stopped", BsonBoolean.valueOf(!on)));
              set(AUTOSPLIT, new BsonDocument("enabled", BsonBoolean.valueOf(on)));
            });
    access.writeConcerns().await(new BsonDocument("w", new BsonString("majority")));
    return new BsonDocument();
  }

  private void set(BsonString id, BsonDocument fields) {
    DataWriter writer = mongod.writer();
    Collection settings = writer.collection("config.settings");
    Long record = settings.recordOf(id);
    if (record == null) {
      BsonDocument document = new BsonDocument("_id", id);
      document.putAll(fields);
      writer.insert(settings, document, DataWriter.Origin.NONE);
      return;
    }
    BsonDocument before = settings.document(record);
    BsonDocument after = Update.parse(new BsonDocument("$set", fields), null).apply(before);
    writer.update(settings, record, before, after, false, DataWriter.Origin.NONE);
  }

  private BsonDocument balancerStatus(Request request) {
    requireConfigServer(request);
    return mongod
        .store()
        .read(
            () -> {
              Collection settings = mongod.store().catalog().get("config.settings");
              Long record = settings == null ? null : settings.recordOf(BALANCER);
              BsonDocument balancer =
                  record == null ? new BsonDocument() : settings.document(record);
              boolean stopped = Update.isTrue(balancer.get("stopped"));
              BsonString mode = balancer.getString("mode", new BsonString("full"));
              return new BsonDocument("mode", stopped ? new BsonString("off") : mode)
                  .append("inBalancerRound", BsonBoolean.FALSE)
                  .append("numBalancerRounds", new BsonInt64(0));
            });
  }

  private BsonDocument identity() {
    return mongod.store().read(() -> ShardIdentity.read(mongod.store()));
  }

  private BsonDocument shardMap() {
    BsonDocument map = new BsonDocument();
    if (mongod.options().isConfigServer() && mongod.replication().isPresent()) {
      ReplicaSet set = mongod.replication().get().set();
      set.requireInitialized();
      map.append("config", set.config().seedList());
      mongod
          .store()
          .read(
              () -> {
                Collection shards = mongod.store().catalog().get("config.shards");
                if (shards != null) {
                  NodeAccess.views(shards.rows().values())
                      .forEach(s -> map.append(s.getString("_id").getValue(), s.get("host")));
                }
                return null;
              });
      return new BsonDocument("map", map);
    }
    BsonDocument identity = identity();
    if (identity == null) {
      throw new CommandException(203, "ShardingStateNotInitialized", "Sharding is not enabled");
    }
    map.append("config", identity.get("configsvrConnectionString"));
    return new BsonDocument("map", map);
  }

  private BsonDocument shardingState() {
    BsonDocument identity = mongod.options().isShardServer() ? identity() : null;
    if (identity == null) {
      return new BsonDocument("enabled", BsonBoolean.FALSE);
    }
    return new BsonDocument("enabled", BsonBoolean.TRUE)
        .append("configServer", identity.get("configsvrConnectionString"))
        .append("shardName", identity.get("shardName"))
        .append("clusterId", identity.get("clusterId"))
        .append("versions", new BsonDocument());
  }

  /** Makes this shard a member of a cluster; repeating it with the same identity is harmless. */
  private BsonDocument addShard(Request request) throws InterruptedException {
    boolean configServer = mongod.options().isConfigServer() && mongod.version().atLeast(8);
    if (!mongod.options().isShardServer() && !configServer) {
      throw new CommandException(
          269,
          "NoShardingEnabled",
          "Cannot accept sharding commands if not started with --shardsvr");
    }
    BsonDocument wanted = new BsonDocument("_id", ShardIdentity.ID);
    wanted.putAll(request.document("shardIdentity"));
    mongod
        .store()
        .write(
            () -> {
              access.requireWritable("admin.system.version");
              BsonDocument now = ShardIdentity.read(mongod.store());
              if (now == null) {
                Collection versions = mongod.writer().collection("admin.system.version");
                mongod.writer().insert(versions, Documents.copy(wanted), DataWriter.Origin.NONE);
              } else {
                requireSame(now, wanted);
              }
            });
    access.writeConcerns().await(new BsonDocument("w", new BsonString("majority")));
    return new BsonDocument();
  }

  private static void requireSame(BsonDocument now, BsonDocument wanted) {
    for (String field : new String[] {"shardName", "clusterId"}) {
      BsonValue value = now.get(field);
      if (!value.equals(wanted.get(field))) {
        throw new CommandException(
            20,
            "IllegalOperation",
            "this shard is '%s' of another cluster or name, not '%s'"
                .formatted(value, wanted.get(field)));
      }
    }
  }
}
