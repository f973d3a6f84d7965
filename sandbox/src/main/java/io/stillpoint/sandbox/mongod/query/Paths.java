package io.stillpoint.sandbox.mongod.query;

import java.util.ArrayList;
import java.util.List;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonValue;

/** Dotted paths such as {@code a.0.b}. */
final class Paths {
  private Paths() {}

  /** Every value that the path reaches, going into each element of arrays on the way. */
  static List<BsonValue> all(BsonValue root, String path) {
    List<BsonValue> found = new ArrayList<>(1);
    collect(root, path, found);
    return found;
  }

  private static void collect(BsonValue value, String path, List<BsonValue> found) {
    int dot = path.indexOf('.');
    String head = dot < 0 ? path : path.substring(0, dot);
    String rest = dot < 0 ? null : path.substring(dot + 1);
    if (value instanceof BsonDocument document) {
      BsonValue next = document.get(head);
      if (next != null) {
        if (rest == null) {
          found.add(next);
        } else {
          collect(next, rest, found);
        }
      }
    } else if (value instanceof BsonArray array) {
      int index = index(head);
      if (index >= 0 && index < array.size()) {
        if (rest == null) {
          found.add(array.get(index));
        } else {
          collect(array.get(index), rest, found);
        }
      }
      for (BsonValue element : array) {
        if (element instanceof BsonDocument) {
          collect(element, path, found);
        }
      }
    }
  }

  /** The one value at the path, or null; does not go into arrays except by position. */
  static BsonValue one(BsonValue root, String path) {
    BsonValue value = root;
    for (String part : path.split("\\.")) {
      if (value instanceof BsonDocument document) {
        value = document.get(part);
      } else if (value instanceof BsonArray array) {
        int index = index(part);
        value = index >= 0 && index < array.size() ? array.get(index) : null;
      } else {
        return null;
      }
    }
    return value;
  }

  static int index(String part) {
    if (part.isEmpty() || part.length() > 9) {
      return -1;
    }
    for (int i = 0; i < part.length(); i++) {
      if (!Character.isDigit(part.charAt(i))) {
        return -1;
      }
    }
    return Integer.parseInt(part);
  }
}
