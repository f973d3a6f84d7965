package io.stillpoint.sandbox.mongos;

import static io.stillpoint.sandbox.mongos.Bson.doc;
import static io.stillpoint.sandbox.mongos.Bson.isOk;
import static io.stillpoint.sandbox.mongos.Bson.number;

import io.stillpoint.sandbox.wire.CommandException;
import java.lang.management.ManagementFactory;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.bson.BsonArray;
import org.bson.BsonDateTime;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonObjectId;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.bson.types.ObjectId;

/** Commands about the router itself, the shards and the balancer. */
final class Administration {
  private static final int MAX_BSON = 16 * 1024 * 1024;
  private static final int MAX_MESSAGE = 48_000_000;

  private final RouterOptions options;
  private final Catalog catalog;
  private final ShardRegistry shards;
  private final Placement placement;

  Administration(
      RouterOptions options, Catalog catalog, ShardRegistry shards, Placement placement) {
    this.options = options;
    this.catalog = catalog;
    this.shards = shards;
    this.placement = placement;
  }

  BsonDocument hello(long connectionId) {
    return doc(
        "ismaster",
        true,
        "isWritablePrimary",
        true,
        "msg",
        "isdbgrid",
        "maxBsonObjectSize",
        MAX_BSON,
        "maxMessageSizeBytes",
        MAX_MESSAGE,
        "maxWriteBatchSize",
        100_000,
        "localTime",
        new BsonDateTime(System.currentTimeMillis()),
        "logicalSessionTimeoutMinutes",
        30,
        "connectionId",
        new BsonInt32((int) connectionId),
        "maxWireVersion",
        options.maxWireVersion(),
        "minWireVersion",
        0,
        "ok",
        1.0);
  }

  BsonDocument buildInfo() {
    String release = options.release();
    BsonArray parts = new BsonArray();
    for (String part : release.split("-")[0].split("\\.")) {
      parts.add(new BsonInt32(Integer.parseInt(part)));
    }
    parts.add(new BsonInt32(0));
    return doc(
        "version",
        release,
        "psmdbVersion",
        release,
        "gitVersion",
        "simulated",
        "modules",
        new BsonArray(),
        "versionArray",
        parts,
        "bits",
        64,
        "maxBsonObjectSize",
        MAX_BSON,
        "storageEngines",
        new BsonArray(),
        "ok",
        1.0);
  }

  BsonDocument serverStatus(int connections) {
    double uptime = ManagementFactory.getRuntimeMXBean().getUptime() / 1000.0;
    return doc(
        "host",
        options.bindIp() + ":" + options.port(),
        "version",
        options.release(),
        "process",
        "mongos",
        "pid",
        ProcessHandle.current().pid(),
        "uptime",
        uptime,
        "uptimeMillis",
        (long) (uptime * 1000),
        "localTime",
        new BsonDateTime(System.currentTimeMillis()),
        "connections",
        doc("current", connections, "available", 65_536),
        "sharding",
        doc("configsvrConnectionString", options.configdb()),
        "ok",
        1.0);
  }

  /** Every set of the cluster, the config server under {@code config}. */
  BsonDocument getShardMap() {
    catalog.refresh();
    BsonDocument map = doc(ShardRegistry.CONFIG, options.configdb());
    catalog.shards().forEach((id, host) -> map.put(id, new BsonString(host)));
    BsonDocument reply = doc("map", map);
    if (options.isAtLeast5()) {
      BsonDocument hosts = new BsonDocument();
      BsonDocument strings = new BsonDocument();
      map.forEach(
          (id, host) -> {
            strings.put(host.asString().getValue(), new BsonString(id));
            String list = host.asString().getValue().replaceFirst("^[^/]*/", "");
            for (String each : list.split(",")) {
              hosts.put(each, new BsonString(id));
            }
          });
      reply.putAll(doc("hosts", hosts, "connStrings", strings));
    }
    reply.putAll(Bson.ok());
    return reply;
  }

  BsonDocument listShards() {
    BsonArray list = new BsonArray(catalog.find("shards", doc(), doc("_id", 1)));
    return doc("shards", list, "ok", 1.0);
  }

  /** {@code addShard: "set/host:port,..."}; doing it again changes nothing. */
  BsonDocument addShard(Request request) {
    String seeds = request.command().getString(request.name()).getValue();
    if (!seeds.contains("/")) {
      throw new CommandException(
          96, "OperationFailed", "host is part of a set; use replica set url format <setname>/...");
    }
    try (ReplicaSetClient set = shards.connect(seeds, new ClusterClock())) {
      BsonDocument hello = run(set, "admin", doc("isMaster", 1));
      String name = hello.getString("setName", new BsonString("")).getValue();
      if (!name.equals(set.name())) {
        throw new CommandException(
            96, "OperationFailed", "in seed list " + seeds + ", the set is named '" + name + "'");
      }
      String id = request.command().getString("name", new BsonString(name)).getValue();
      register(set, id, name + "/" + join(hello.getArray("hosts")));
      return doc("shardAdded", id, "ok", 1.0);
    }
  }

  /** Makes the config server a shard under the id {@code config}. */
  BsonDocument addConfigServer(Request request) {
    try (ReplicaSetClient set = shards.connect(options.configdb(), new ClusterClock())) {
      register(set, ShardRegistry.CONFIG, options.configdb());
      return Bson.ok();
    }
  }

  private void register(ReplicaSetClient set, String id, String host) {
    BsonDocument identity =
        doc(
            "shardName",
            id,
            "clusterId",
            clusterId(),
            "configsvrConnectionString",
            options.configdb());
    run(
        set,
        "admin",
        doc("_addShard", 1, "shardIdentity", identity, "writeConcern", doc("w", "majority")));
    catalog.upsert("shards", doc("_id", id), doc("$set", doc("host", host, "state", 1)));
    catalog.refresh();
    registerDatabases(set, id);
  }

  private void registerDatabases(ReplicaSetClient set, String id) {
    BsonDocument databases = run(set, "admin", doc("listDatabases", 1, "nameOnly", true));
    for (BsonValue each : databases.getArray("databases")) {
      String db = each.asDocument().getString("name").getValue();
      if (!List.of("admin", "config", "local").contains(db)) {
        placement.register(db, id, false);
      }
    }
  }

  /** Makes sure that {@code config.version} names the cluster, and gives its id. */
  BsonObjectId clusterId() {
    List<BsonDocument> known = catalog.find("version", doc("_id", 1), doc());
    if (known.isEmpty()) {
      catalog.insert(
          "version",
          List.of(
              doc(
                  "_id",
                  1,
                  "minCompatibleVersion",
                  5,
                  "currentVersion",
                  6,
                  "clusterId",
                  new BsonObjectId(new ObjectId()))));
      return clusterId();
    }
    return known.get(0).getObjectId("clusterId");
  }

  /** balancerStop, balancerStart and balancerStatus are the config server's commands. */
  BsonDocument balancer(Request request) {
    String name =
        "_configsvr"
            + Character.toUpperCase(request.name().charAt(0))
            + request.name().substring(1);
    BsonDocument command = doc(name, 1);
    if (request.command().containsKey("maxTimeMS")) {
      command.put("maxTimeMS", request.command().get("maxTimeMS"));
    }
    return request.send(ShardRegistry.CONFIG, "admin", command).body();
  }

  /** Users and roles live on the config server. */
  BsonDocument toConfigServer(Request request) {
    return request.send(ShardRegistry.CONFIG, request.db(), request.command()).body();
  }

  BsonDocument listDatabases(Request request) {
    Map<String, BsonDocument> merged = new TreeMap<>();
    Set<String> all = new LinkedHashSet<>(shards.ids());
    boolean configServerIsShard = !all.add(ShardRegistry.CONFIG);
    Map<String, BsonDocument> replies =
        request.each(all, shard -> request.run(shard, request.command()));
    replies.forEach(
        (shard, reply) ->
            addDatabases(
                merged,
                shard.equals(ShardRegistry.CONFIG),
                !shard.equals(ShardRegistry.CONFIG) || configServerIsShard,
                reply));
    long total = merged.values().stream().mapToLong(each -> number(each, "sizeOnDisk", 0)).sum();
    BsonDocument reply = doc("databases", new BsonArray(List.copyOf(merged.values())));
    if (!request.command().containsKey("nameOnly")) {
      reply.put("totalSize", new BsonInt64(total));
    }
    reply.putAll(Bson.ok());
    return reply;
  }

  private static void addDatabases(
      Map<String, BsonDocument> merged,
      boolean configServer,
      boolean holdsData,
      BsonDocument reply) {
    for (BsonValue each : reply.getArray("databases")) {
      BsonDocument database = each.asDocument();
      String name = database.getString("name").getValue();
      boolean ofConfigServer = List.of("config", "admin").contains(name);
      if (name.equals("local") || !(ofConfigServer ? configServer : holdsData)) {
        continue;
      }
      BsonDocument known = merged.putIfAbsent(name, database);
      if (known != null) {
        long size = number(known, "sizeOnDisk", 0) + number(database, "sizeOnDisk", 0);
        known.put("sizeOnDisk", new BsonInt64(size));
      }
    }
  }

  /** Commands about sessions: every shard may hold something of a session. */
  BsonDocument onEveryShard(Request request) {
    for (String shard : shards.ids()) {
      BsonDocument reply = request.send(shard, "admin", request.command()).body();
      if (!isOk(reply)) {
        return reply;
      }
    }
    return Bson.ok();
  }

  private static BsonDocument run(ReplicaSetClient set, String db, BsonDocument command) {
    BsonDocument reply = set.send(db, command, true).body();
    if (!isOk(reply)) {
      throw CommandException.of(reply);
    }
    return reply;
  }

  private static String join(BsonArray hosts) {
    return String.join(",", hosts.stream().map(host -> host.asString().getValue()).toList());
  }
}
