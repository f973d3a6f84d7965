package io.stillpoint.sandbox.mongod.command;

import io.stillpoint.sandbox.mongod.Mongod;
import io.stillpoint.sandbox.mongod.catalog.Collection;
import io.stillpoint.sandbox.mongod.query.Documents;
import io.stillpoint.sandbox.mongod.query.Update;
import io.stillpoint.sandbox.wire.CommandException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;
import org.bson.BsonValue;

/** Commands that make, change and remove collections and indexes. */
final class DdlCommands {
  private static final Set<String> GENERIC =
      Set.of(
          "lsid",
          "writeConcern",
          "comment",
          "maxTimeMS",
          "apiVersion",
          "txnNumber",
          "collMod",
          "readConcern",
          "databaseVersion",
          "shardVersion");

  private final Mongod mongod;
  private final NodeAccess access;
  private final DataWriter writer;

  DdlCommands(Mongod mongod, NodeAccess access) {
    this.mongod = mongod;
    this.access = access;
    this.writer = mongod.writer();
  }

  void register(Map<String, Command> commands) {
    commands.put("create", this::create);
    commands.put("drop", this::drop);
    commands.put("dropDatabase", this::dropDatabase);
    commands.put("renameCollection", this::rename);
    commands.put("createIndexes", this::createIndexes);
    NodeAccess.put(commands, this::dropIndexes, "dropIndexes", "deleteIndexes");
    commands.put("collMod", this::collMod);
    commands.put("compact", r -> new BsonDocument("bytesFreed", new BsonInt32(0)));
    commands.put("convertToCapped", DdlCommands::unsupported);
  }

  private static BsonDocument unsupported(Request request) {
    throw new CommandException(
        115, "CommandNotSupported", request.name() + " is not part of the simulation");
  }

  private BsonDocument change(Request request, String ns, Runnable action)
      throws InterruptedException {
    mongod
        .store()
        .write(
            () -> {
              access.requireWritable(ns);
              action.run();
            });
    return access.awaitWriteConcern(request, new BsonDocument());
  }

  private Collection required(String ns) {
    Collection collection = mongod.store().catalog().get(ns);
    if (collection == null) {
      throw new CommandException(26, "NamespaceNotFound", "ns not found");
    }
    return collection;
  }

  private BsonDocument create(Request request) throws InterruptedException {
    BsonDocument options = settings(request, "create");
    options.remove("idIndex");
    return change(request, request.ns(), () -> writer.create(request.ns(), options));
  }

  private static BsonDocument settings(Request request, String name) {
    BsonDocument settings = Documents.copy(request.command());
    settings.keySet().removeIf(k -> k.startsWith("$") || GENERIC.contains(k) || k.equals(name));
    return settings;
  }

  private BsonDocument drop(Request request) throws InterruptedException {
    int[] indexes = new int[1];
    BsonDocument reply =
        change(
            request,
            request.ns(),
            () -> {
              Collection collection = required(request.ns());
              indexes[0] = collection.indexes().size();
              writer.drop(collection);
            });
    return reply
        .append("nIndexesWas", new BsonInt32(indexes[0]))
        .append("ns", new BsonString(request.ns()));
  }

  private BsonDocument dropDatabase(Request request) throws InterruptedException {
    return change(request, request.db() + ".", () -> writer.dropDatabase(request.db()))
        .append("dropped", new BsonString(request.db()));
  }

  private BsonDocument rename(Request request) throws InterruptedException {
    String from = request.argument().asString().getValue();
    String to = request.text("to", "");
    return change(
        request,
        from,
        () -> {
          Collection collection = required(from);
          Collection existing = mongod.store().catalog().get(to);
          if (existing != null) {
            if (!Update.isTrue(request.command().get("dropTarget"))) {
              throw new CommandException(48, "NamespaceExists", "target namespace exists");
            }
            writer.drop(existing);
          }
          writer.rename(collection, to);
        });
  }

  private BsonDocument createIndexes(Request request) throws InterruptedException {
    int[] counts = new int[2];
    boolean[] created = new boolean[1];
    BsonDocument reply =
        change(
            request,
            request.ns(),
            () -> {
              created[0] = mongod.store().catalog().get(request.ns()) == null;
              Collection collection = writer.collection(request.ns());
              counts[0] = collection.indexes().size();
              for (BsonValue value : request.command().getArray("indexes")) {
                createIndex(collection, value.asDocument());
              }
              counts[1] = collection.indexes().size();
            });
    return reply
        .append("createdCollectionAutomatically", BsonBoolean.valueOf(created[0]))
        .append("numIndexesBefore", new BsonInt32(counts[0]))
        .append("numIndexesAfter", new BsonInt32(counts[1]));
  }

  private void createIndex(Collection collection, BsonDocument given) {
    BsonDocument spec = new BsonDocument("v", new BsonInt32(2));
    given.forEach(spec::putIfAbsent);
    String name = given.getString("name").getValue();
    boolean exists = collection.indexes().stream().anyMatch(i -> i.name().equals(name));
    if (!exists) {
      writer.createIndex(collection, spec);
    }
  }

  private BsonDocument dropIndexes(Request request) throws InterruptedException {
    return change(
        request,
        request.ns(),
        () -> {
          Collection collection = required(request.ns());
          BsonValue which = request.command().get("index");
          boolean all = which.equals(new BsonString("*"));
          int dropped = 0;
          for (var index : List.copyOf(collection.indexes())) {
            boolean wanted =
                all || which.equals(new BsonString(index.name())) || which.equals(index.key());
            if (wanted && !index.isIdIndex()) {
              writer.dropIndex(collection, index.name());
              dropped++;
            }
          }
          if (dropped == 0 && !all) {
            throw new CommandException(27, "IndexNotFound", "index not found with name " + which);
          }
        });
  }

  private BsonDocument collMod(Request request) throws InterruptedException {
    BsonDocument changes = settings(request, "collMod");
    return change(request, request.ns(), () -> writer.collMod(required(request.ns()), changes));
  }
}
