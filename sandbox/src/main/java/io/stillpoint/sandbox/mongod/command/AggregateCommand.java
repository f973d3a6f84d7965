package io.stillpoint.sandbox.mongod.command;

import io.stillpoint.sandbox.mongod.Mongod;
import io.stillpoint.sandbox.mongod.backup.BackupCursors;
import io.stillpoint.sandbox.mongod.backup.BackupOptions;
import io.stillpoint.sandbox.mongod.catalog.Collection;
import io.stillpoint.sandbox.mongod.query.Filter;
import io.stillpoint.sandbox.mongod.query.Pipeline;
import io.stillpoint.sandbox.mongod.query.Update;
import io.stillpoint.sandbox.wire.CommandException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bson.BsonBinary;
import org.bson.BsonDocument;
import org.bson.BsonInt64;
import org.bson.BsonString;
import org.bson.BsonValue;

/** {@code aggregate}, with the stages that open and extend a backup. */
final class AggregateCommand {
  private final Mongod mongod;
  private final NodeAccess access;

  AggregateCommand(Mongod mongod, NodeAccess access) {
    this.mongod = mongod;
    this.access = access;
  }

  void register(Map<String, Command> commands) {
    commands.put("aggregate", this::aggregate);
  }

  private BsonDocument aggregate(Request request) throws InterruptedException {
    if (!request.command().isDocument("cursor") && !request.command().containsKey("explain")) {
      throw new CommandException(
          9,
          "FailedToParse",
          "The 'cursor' option is required, except for aggregate with the explain argument");
    }
    if (request.command().containsKey("noCursorTimeout")) {
      throw new CommandException(9, "FailedToParse", "unrecognized field 'noCursorTimeout'");
    }
    List<BsonValue> stages = request.command().getArray("pipeline");
    String first = stages.isEmpty() ? "" : stages.get(0).asDocument().getFirstKey();
    requireFirst(stages);
    if (first.equals("$backupCursor") || first.equals("$backupCursorExtend")) {
      requireBackupAllowed(request, first);
      return first.equals("$backupCursor") ? openBackup(request, stages) : extend(request, stages);
    }
    access.requireReadable(request);
    access.awaitReadConcern(request);
    List<BsonDocument> source;
    List<BsonValue> rest = stages;
    String ns = request.db() + ".$cmd.aggregate";
    if (first.equals("$currentOp")) {
      source = currentOp(request, stages.get(0).asDocument().getDocument(first));
      rest = stages.subList(1, stages.size());
    } else if (first.equals("$collStats")) {
      ns = request.ns();
      source = List.of(collStats(ns));
      rest = stages.subList(1, stages.size());
    } else {
      ns = request.ns();
      source = documents(request, ns, first, stages);
    }
    return open(request, ns, false, Pipeline.run(source, rest).iterator(), () -> {});
  }

  private static void requireFirst(List<BsonValue> stages) {
    for (BsonValue stage : stages.subList(Math.min(1, stages.size()), stages.size())) {
      String name = stage.asDocument().getFirstKey();
      if (List.of("$backupCursor", "$backupCursorExtend", "$currentOp").contains(name)) {
        throw new CommandException(
            40602, "Location40602", name + " is only valid as the first stage in a pipeline");
      }
    }
  }

  private List<BsonDocument> documents(
      Request request, String ns, String first, List<BsonValue> stages) {
    // A leading $match is applied while reading, so that a lookup by _id reads one document.
    Filter filter =
        Filter.parse(
            first.equals("$match")
                ? stages.get(0).asDocument().getDocument(first)
                : new BsonDocument());
    return mongod
        .transactions()
        .read(
            request,
            ns,
            filter,
            () -> {
              Collection collection = mongod.store().catalog().get(ns);
              return collection == null
                  ? List.of()
                  : collection.find(filter, 0).stream().map(collection::document).toList();
            });
  }

  private BsonDocument collStats(String ns) {
    return mongod
        .store()
        .read(
            () -> {
              Collection collection = mongod.store().catalog().get(ns);
              long count = collection == null ? 0 : collection.fastCount();
              long size = collection == null ? 0 : collection.dataSize();
              return new BsonDocument("ns", new BsonString(ns))
                  .append("count", new BsonInt64(count))
                  .append(
                      "storageStats",
                      new BsonDocument("size", new BsonInt64(size))
                          .append("count", new BsonInt64(count)));
            });
  }

  private List<BsonDocument> currentOp(Request request, BsonDocument options) {
    List<BsonDocument> operations = new ArrayList<>();
    operations.add(CursorCommands.activeOperation(mongod, request));
    if (!options.containsKey("idleSessions") || Update.isTrue(options.get("idleSessions"))) {
      operations.addAll(mongod.transactions().describePrepared());
    }
    if (Update.isTrue(options.get("idleCursors"))) {
      boolean all = !mongod.access().enabled() || Update.isTrue(options.get("allUsers"));
      operations.addAll(
          CursorCommands.idleCursors(
              mongod, cursor -> all || Objects.equals(cursor.user(), request.user())));
    }
    return operations;
  }

  private BsonDocument open(
      Request request,
      String ns,
      boolean tailable,
      Iterator<BsonDocument> documents,
      Runnable onClose) {
    return mongod
        .cursors()
        .open(
            ns,
            request.client(),
            request.command(),
            tailable,
            request.batchSize(),
            documents,
            onClose);
  }

  // ---- backup

  private void requireBackupAllowed(Request request, String stage) {
    if (!request.argument().isNumber()) {
      throw new CommandException(
          73, "InvalidNamespace", "'" + stage + "' can only be run with {aggregate: 1}");
    }
    if (mongod.transactions().active(request)) {
      throw new CommandException(
          263,
          "OperationNotSupportedInTransaction",
          "Aggregation stage " + stage + " cannot run within a multi-document transaction.");
    }
    BsonDocument concern = request.document("readConcern");
    String level = concern.getString("level", new BsonString("local")).getValue();
    if (mongod.version().atLeast(8) && !List.of("local", "majority").contains(level)) {
      throw new CommandException(
          72,
          "InvalidOptions",
          "Aggregation stage "
              + stage
              + " cannot run with a readConcern other than 'local' or 'majority'");
    }
    if (mongod.replication().isPresent()) {
      access.requireReadable(request);
      access.requireMember();
    }
  }

  private BsonDocument openBackup(Request request, List<BsonValue> stages) {
    BackupOptions options = BackupOptions.parse(stages.get(0).asDocument().get("$backupCursor"));
    BackupCursors.Opened opened = mongod.backups().open(options);
    BsonBinary id = opened.backupId();
    try {
      Iterator<BsonDocument> documents = opened.documents();
      if (stages.size() > 1) {
        List<BsonDocument> all = new ArrayList<>();
        documents.forEachRemaining(all::add);
        documents = Pipeline.run(all, stages.subList(1, stages.size())).iterator();
      }
      return open(
          request,
          request.db() + ".$cmd.aggregate",
          true,
          documents,
          () -> mongod.backups().closeCurrent(id));
    } catch (RuntimeException e) {
      mongod.backups().closeCurrent(id);
      throw e;
    }
  }

  private BsonDocument extend(Request request, List<BsonValue> stages) throws InterruptedException {
    BackupOptions.Extend asked =
        BackupOptions.parseExtend(stages.get(0).asDocument().get("$backupCursorExtend"));
    int limit = request.number("maxTimeMS", 0);
    long deadline = System.nanoTime() + limit * 1_000_000L;
    List<BsonDocument> files =
        mongod
            .backups()
            .extend(
                asked.backupId(),
                asked.timestamp(),
                () ->
                    limit > 0 && System.nanoTime() > deadline
                        || mongod.isEnding()
                        || request.connection().clientIsGone());
    return open(
        request,
        request.db() + ".$cmd.aggregate",
        false,
        Pipeline.run(files, stages.subList(1, stages.size())).iterator(),
        () -> {});
  }
}
