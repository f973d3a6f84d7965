package io.stillpoint.sandbox.mongod.command;

import io.stillpoint.sandbox.mongod.FatalError;
import io.stillpoint.sandbox.mongod.Mongod;
import io.stillpoint.sandbox.mongod.catalog.Catalog;
import io.stillpoint.sandbox.mongod.repl.Replication;
import io.stillpoint.sandbox.mongod.storage.StorageException;
import io.stillpoint.sandbox.wire.CommandException;
import io.stillpoint.sandbox.wire.CommandHandler;
import io.stillpoint.sandbox.wire.Connection;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonDouble;
import org.bson.BsonString;
import org.bson.BsonTimestamp;

/** Finds the command, runs it, and adds what every reply carries. */
public final class Dispatcher implements CommandHandler {
  /** Errors that a driver may repeat a retryable write after. */
  private static final Set<Integer> RETRYABLE =
      Set.of(6, 7, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436);

  private final Mongod mongod;
  private final Map<String, Command> commands = new HashMap<>();

  public Dispatcher(Mongod mongod) {
    this.mongod = mongod;
    NodeAccess access = new NodeAccess(mongod);
    new DiagnosticCommands(mongod).register(commands);
    new ServerStatusCommands(mongod).register(commands);
    new ReadCommands(mongod, access).register(commands);
    new WriteCommands(mongod, access).register(commands);
    new DdlCommands(mongod, access).register(commands);
    new CatalogCommands(mongod, access).register(commands);
    new CursorCommands(mongod, access).register(commands);
    new AggregateCommand(mongod, access).register(commands);
    new TransactionCommands(mongod, access).register(commands);
    new ReplicationCommands(mongod, access).register(commands);
    new ReplicaSetStatus(mongod).register(commands);
    new ShardingCommands(mongod, access).register(commands);
    new TestCommands(mongod).register(commands);
    new LoginCommands(mongod.access()).register(commands);
    new UserCommands(mongod, access).register(commands);
  }

  @Override
  public BsonDocument handle(Connection connection, String db, BsonDocument command) {
    String name = command.getFirstKey();
    BsonDocument reply;
    try {
      reply = run(new Request(connection, db, name, command, mongod.access().owner(connection)));
      reply.putIfAbsent("ok", new BsonDouble(1));
    } catch (CommandException e) {
      reply = e.toReply();
      if (command.containsKey("txnNumber")
          && RETRYABLE.contains(e.code())
          && !reply.containsKey("errorLabels")) {
        BsonString label = new BsonString("RetryableWriteError");
        reply.append("errorLabels", new BsonArray(java.util.List.of(label)));
      }
    } catch (StorageException e) {
      throw dying(Catalog.unusable(mongod.log(), e, "table"));
    } catch (UncheckedIOException e) {
      // The engine could not read or write a file: what is in memory and on disk may differ now.
      throw dying(FatalError.unexpected(mongod.log(), e));
    } catch (FatalError e) {
      throw dying(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      reply = new CommandException(11600, "InterruptedAtShutdown", "interrupted").toReply();
    }
    if (mongod.replication().isPresent()) {
      addTimes(reply, mongod.replication().get());
    }
    return reply;
  }

  /** The process ends; whatever the client gets is a lost connection. */
  private CommandException dying(FatalError error) {
    mongod.die(error);
    return new CommandException(11600, "InterruptedAtShutdown", error.getMessage());
  }

  private BsonDocument run(Request request) throws InterruptedException {
    if (mongod.isEnding()) {
      throw new CommandException(
          91, "ShutdownInProgress", "The server is in quiesce mode and will shut down");
    }
    Command command = commands.get(request.name());
    if (command == null) {
      throw new CommandException(
          59, "CommandNotFound", "no such command: '" + request.name() + "'");
    }
    mongod.access().require(request.connection(), request.db(), request.command());
    gossip(request);
    if (request.session() != null && !request.name().equals("endSessions")) {
      mongod.sessions().use(request.session());
    }
    if (request.command().isArray("shardVersion")) {
      mongod.routing().require(request.ns(), request.command().getArray("shardVersion"));
    }
    return command.run(request);
  }

  private void gossip(Request request) {
    if (mongod.replication().isEmpty() || !request.command().isDocument("$clusterTime")) {
      return;
    }
    BsonDocument time = request.command().getDocument("$clusterTime");
    if (!time.containsKey("signature")) {
      throw new CommandException(4, "NoSuchKey", "Missing expected field \"signature\"");
    }
    Replication replication = mongod.replication().get();
    replication.clock().gossip(time.getTimestamp("clusterTime").getValue());
  }

  private static void addTimes(BsonDocument reply, Replication replication) {
    if (replication.clock().now() != 0) {
      reply.append("$clusterTime", replication.clusterTime());
      reply.append("operationTime", new BsonTimestamp(replication.set().applied().ts()));
    }
  }

  @Override
  public void closed(Connection connection) {
    // A cursor belongs to its session, not to the connection: it stays.
  }
}
