package io.stillpoint.sandbox.mongod.command;

import io.stillpoint.sandbox.mongod.cursor.Cursors;
import io.stillpoint.sandbox.wire.CommandException;
import io.stillpoint.sandbox.wire.Connection;
import org.bson.BsonBinary;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.bson.BsonValue;

/**
 * One command of a client, with what its reply depends on.
 *
 * @param user who owns what the command opens; null where nobody has to log in
 */
public record Request(
    Connection connection, String db, String name, BsonDocument command, String user) {

  /** The command's main argument. */
  BsonValue argument() {
    return command.get(name);
  }

  /** The namespace that the main argument names. */
  String ns() {
    if (!argument().isString()) {
      throw new CommandException(
          73, "InvalidNamespace", "collection name has invalid type " + argument().getBsonType());
    }
    String collection = argument().asString().getValue();
    if (collection.isEmpty()) {
      throw new CommandException(
          73, "InvalidNamespace", "Invalid namespace specified '" + db + ".'");
    }
    return db + "." + collection;
  }

  /** The session's id, or null. */
  BsonBinary session() {
    return command.isDocument("lsid") ? command.getDocument("lsid").getBinary("id") : null;
  }

  Cursors.Client client() {
    return new Cursors.Client(session(), user);
  }

  BsonDocument document(String field) {
    return command.getDocument(field, new BsonDocument());
  }

  String text(String field, String otherwise) {
    return command.getString(field, new BsonString(otherwise)).getValue();
  }

  int number(String field, int otherwise) {
    return command.containsKey(field) ? command.getNumber(field).intValue() : otherwise;
  }

  /** Whether the client accepts an answer from a secondary. */
  boolean secondaryOk() {
    BsonDocument preference = document("$readPreference");
    if (command.containsKey("$queryOptions")) {
      preference = document("$queryOptions").getDocument("$readPreference", preference);
    }
    return preference.containsKey("mode")
        && !preference.getString("mode").getValue().equals("primary");
  }

  /** The write concern, or null for the default. */
  BsonDocument writeConcern() {
    return command.isDocument("writeConcern") ? command.getDocument("writeConcern") : null;
  }

  /** How many documents the first batch has. */
  int batchSize() {
    return command.isDocument("cursor") && document("cursor").containsKey("batchSize")
        ? document("cursor").getNumber("batchSize").intValue()
        : 101;
  }
}
