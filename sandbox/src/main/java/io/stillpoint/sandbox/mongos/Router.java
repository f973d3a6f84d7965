package io.stillpoint.sandbox.mongos;

import static io.stillpoint.sandbox.mongos.Bson.doc;

import io.stillpoint.sandbox.auth.Access;
import io.stillpoint.sandbox.auth.Peers;
import io.stillpoint.sandbox.auth.Security;
import io.stillpoint.sandbox.wire.CommandException;
import io.stillpoint.sandbox.wire.CommandHandler;
import io.stillpoint.sandbox.wire.Connection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.IntSupplier;
import org.bson.BsonBinary;
import org.bson.BsonBinarySubType;
import org.bson.BsonDocument;
import org.bson.BsonDouble;
import org.bson.BsonInt64;
import org.bson.BsonString;

/** Dispatches commands, and adds the cluster's time to the replies. */
final class Router implements CommandHandler, AutoCloseable {
  private static final List<String> USER_COMMANDS =
      List.of(
          "createUser",
          "updateUser",
          "dropUser",
          "grantRolesToUser",
          "revokeRolesFromUser",
          "usersInfo",
          "createRole",
          "updateRole",
          "dropRole",
          "grantPrivilegesToRole",
          "revokePrivilegesFromRole",
          "rolesInfo");

  private final ClusterClock clock = new ClusterClock();
  private final Transactions transactions = new Transactions();
  private final Map<String, Function<Request, BsonDocument>> commands = new HashMap<>();
  private final ShardRegistry shards;
  private final Administration administration;
  private final Access access;

  /**
   * @param openConnections how many clients are connected, for serverStatus
   * @param shutdown ends the process, soon after the reply
   */
  Router(RouterOptions options, Security security, IntSupplier openConnections, Runnable shutdown) {
    Peers peers = security.peers();
    ReplicaSetClient config = new ReplicaSetClient(options.configdb(), clock, peers);
    Catalog catalog = new Catalog(config);
    shards = new ShardRegistry(config, clock, catalog, peers);
    access = new Access(security.enforced(), new ConfigServerUsers(config), security.keyFile());
    Placement placement = new Placement(catalog, shards);
    DistributedLocks locks = new DistributedLocks(catalog, options.bindIp() + ":" + options.port());
    RouterCursors cursors = new RouterCursors();
    ChunkMigration migration = new ChunkMigration(catalog, shards, locks);
    administration = new Administration(options, catalog, shards, placement);
    Ddl ddl = new Ddl(catalog, shards, placement, locks, options.isAtLeast5());
    addReads(new Reads(catalog, cursors, placement), cursors);
    addWrites(new Writes(catalog, placement), migration);
    addDdl(ddl, migration);
    addAdministration(options, catalog, openConnections, shutdown);
    addSessions();
  }

  private void addReads(Reads reads, RouterCursors cursors) {
    commands.put("find", reads::find);
    commands.put("aggregate", reads::aggregate);
    commands.put("count", reads::count);
    commands.put("distinct", reads::distinct);
    commands.put("getMore", cursors::more);
    commands.put("killCursors", cursors::kill);
    commands.put(
        "listCollections",
        request -> reads.unsharded(request, request.db() + ".$cmd.listCollections"));
    commands.put("listIndexes", request -> reads.unsharded(request, request.namespace()));
  }

  private void addWrites(Writes writes, ChunkMigration migration) {
    Map<String, Function<Request, BsonDocument>> all =
        Map.of(
            "insert", writes::insert,
            "update", writes::update,
            "delete", writes::delete,
            "findAndModify", writes::findAndModify,
            "findandmodify", writes::findAndModify);
    all.forEach(
        (name, write) ->
            commands.put(
                name,
                request ->
                    migration.whileNothingMoves(request.namespace(), () -> write.apply(request))));
  }

  private void addDdl(Ddl ddl, ChunkMigration migration) {
    commands.put("enableSharding", ddl::enableSharding);
    commands.put("shardCollection", ddl::shardCollection);
    commands.put("moveChunk", migration::move);
    commands.put("create", ddl::toPrimaryShard);
    commands.put("drop", ddl::drop);
    commands.put("dropDatabase", ddl::dropDatabase);
    for (String name : new String[] {"createIndexes", "dropIndexes", "collMod", "validate"}) {
      commands.put(name, ddl::onEveryOwner);
    }
    for (String name : new String[] {"collStats", "dbStats"}) {
      commands.put(name, ddl::toPrimaryShard);
    }
  }

  private void addAdministration(
      RouterOptions options, Catalog catalog, IntSupplier openConnections, Runnable shutdown) {
    commands.put("ping", request -> Bson.ok());
    commands.put("buildInfo", request -> administration.buildInfo());
    commands.put("buildinfo", request -> administration.buildInfo());
    commands.put("getCmdLineOpts", request -> options.commandLine());
    commands.put(
        "serverStatus", request -> administration.serverStatus(openConnections.getAsInt()));
    commands.put(
        "isdbgrid", request -> doc("isdbgrid", 1, "hostname", options.bindIp(), "ok", 1.0));
    commands.put("getShardMap", request -> administration.getShardMap());
    commands.put("listShards", request -> administration.listShards());
    commands.put("addShard", administration::addShard);
    if (options.isAtLeast8()) {
      commands.put("transitionFromDedicatedConfigServer", administration::addConfigServer);
    }
    commands.put("balancerStop", administration::balancer);
    commands.put("balancerStart", administration::balancer);
    commands.put("balancerStatus", administration::balancer);
    commands.put("listDatabases", administration::listDatabases);
    commands.put(
        "flushRouterConfig",
        request -> {
          catalog.refresh();
          return doc("flushed", true, "ok", 1.0);
        });
    for (String name : USER_COMMANDS) {
      commands.put(name, administration::toConfigServer);
    }
    commands.put(
        "shutdown",
        request -> {
          shutdown.run();
          return Bson.ok();
        });
  }

  private void addSessions() {
    commands.put(
        "startSession",
        request -> doc("id", doc("id", Placement.uuid()), "timeoutMinutes", 30, "ok", 1.0));
    for (String name :
        new String[] {"endSessions", "refreshSessions", "killSessions", "killAllSessions"}) {
      commands.put(name, administration::onEveryShard);
    }
    commands.put("commitTransaction", transactions::commit);
    commands.put("abortTransaction", transactions::abort);
  }

  /** Writes {@code config.version} if this is the first router of a new cluster. */
  void awaitConfigServer() {
    administration.clusterId();
  }

  @Override
  public BsonDocument handle(Connection connection, String db, BsonDocument command) {
    String name = command.getFirstKey();
    Request request = new Request(shards, transactions, db, command);
    BsonDocument reply = Bson.copy(reply(connection, name, request));
    // What came from a shard is that shard's view.
    reply.remove("operationTime");
    reply.remove("$clusterTime");
    reply.remove("$gleStats");
    reply.remove("lastCommittedOpTime");
    if (clock.highest() != null) {
      BsonDocument highest = clock.highest();
      reply.put(
          "operationTime",
          request.operationTime() != null
              ? request.operationTime()
              : highest.getTimestamp("clusterTime"));
      reply.put("$clusterTime", signed(highest));
    }
    return reply;
  }

  private BsonDocument reply(Connection connection, String name, Request request) {
    try {
      if (request.db().equals("local")) {
        throw new CommandException(
            20, "IllegalOperation", "Can't use 'local' database through mongos");
      }
      access.require(connection, request.db(), request.command());
      return switch (name) {
        case "hello", "isMaster", "ismaster" -> hello(connection, request);
        case "saslStart" -> ok(access.saslStart(connection, request.db(), request.command()));
        case "saslContinue" -> ok(access.saslContinue(connection, request.command()));
        case "authenticate" ->
            ok(access.authenticate(connection, request.command(), connection.certificateSubject()));
        case "logout" -> ok(access.logout(connection));
        case "connectionStatus" -> ok(access.connectionStatus(connection, request.command()));
        case "whatsmyuri" ->
            doc(
                "you",
                connection.remote().getAddress().getHostAddress()
                    + ":"
                    + connection.remote().getPort(),
                "ok",
                1.0);
        case "replSetGetStatus" ->
            throw new CommandException(
                76,
                "NoReplicationEnabled",
                "replSetGetStatus is not supported through mongos",
                doc("info", new BsonString("mongos")));
        default -> known(name).apply(request);
      };
    } catch (CommandException e) {
      return e.toReply();
    }
  }

  private BsonDocument hello(Connection connection, Request request) {
    BsonDocument reply = administration.hello(connection.id());
    access.describe(request.command(), reply);
    return reply;
  }

  private static BsonDocument ok(BsonDocument reply) {
    return reply.append("ok", new BsonDouble(1));
  }

  private Function<Request, BsonDocument> known(String name) {
    Function<Request, BsonDocument> command = commands.get(name);
    if (command == null) {
      throw new CommandException(59, "CommandNotFound", "no such command: '" + name + "'");
    }
    return command;
  }

  private static BsonDocument signed(BsonDocument clusterTime) {
    if (clusterTime.containsKey("signature")) {
      return clusterTime;
    }
    BsonDocument result = Bson.copy(clusterTime);
    result.put(
        "signature",
        doc(
            "hash",
            new BsonBinary(BsonBinarySubType.BINARY, new byte[20]),
            "keyId",
            new BsonInt64(0)));
    return result;
  }

  @Override
  public void close() {
    shards.close();
  }
}
