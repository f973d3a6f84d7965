package io.stillpoint.sandbox.mongos;

import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonDouble;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonString;
import org.bson.BsonValue;

/** Short forms for the documents that commands are made of. */
final class Bson {
  private Bson() {}

  /** A document of alternating names and values; values may be Java strings, numbers, booleans. */
  static BsonDocument doc(Object... namesAndValues) {
    BsonDocument document = new BsonDocument();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      document.put((String) namesAndValues[i], value(namesAndValues[i + 1]));
    }
    return document;
  }

  static BsonDocument ok() {
    return doc("ok", 1.0);
  }

  static boolean isOk(BsonDocument reply) {
    return reply.containsKey("ok") && reply.getNumber("ok").doubleValue() == 1;
  }

  /** A copy that shares its values with the original. */
  static BsonDocument copy(BsonDocument original) {
    BsonDocument copy = new BsonDocument();
    copy.putAll(original);
    return copy;
  }

  /** A number that a command may carry, such as {@code limit}. */
  static long number(BsonDocument command, String name, long otherwise) {
    return command.isNumber(name) ? command.getNumber(name).longValue() : otherwise;
  }

  private static BsonValue value(Object value) {
    if (value instanceof BsonValue bson) {
      return bson;
    }
    if (value instanceof String text) {
      return new BsonString(text);
    }
    if (value instanceof Integer number) {
      return new BsonInt32(number);
    }
    if (value instanceof Long number) {
      return new BsonInt64(number);
    }
    if (value instanceof Double number) {
      return new BsonDouble(number);
    }
    if (value instanceof Boolean flag) {
      return BsonBoolean.valueOf(flag);
    }
    throw new IllegalArgumentException("no BSON for " + value);
  }
}
