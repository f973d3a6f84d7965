package io.stillpoint.sandbox.auth;

import io.stillpoint.sandbox.wire.CommandException;
import java.util.List;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.bson.BsonValue;

/** A role, and the database that it is defined in. */
public record RoleName(String role, String db) {

  /** A plain name means the database of the command. */
  static RoleName parse(BsonValue value, String commandDb) {
    if (value.isString()) {
      return new RoleName(value.asString().getValue(), commandDb);
    }
    if (!value.isDocument()
        || !value.asDocument().isString("role")
        || !value.asDocument().isString("db")) {
      throw new CommandException(
          2, "BadValue", "Role names must be either strings or objects with role and db");
    }
    BsonDocument document = value.asDocument();
    return new RoleName(document.getString("role").getValue(), document.getString("db").getValue());
  }

  public static List<RoleName> parseAll(BsonArray array, String commandDb) {
    return array.stream().map(each -> parse(each, commandDb)).toList();
  }

  public BsonDocument toBson() {
    return new BsonDocument("role", new BsonString(role)).append("db", new BsonString(db));
  }

  public static BsonArray toBson(List<RoleName> roles) {
    return new BsonArray(roles.stream().map(RoleName::toBson).toList());
  }
}
