package io.stillpoint.sandbox.query;

import io.stillpoint.sandbox.wire.CommandException;
import java.util.ArrayList;
import java.util.List;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonNull;
import org.bson.BsonValue;

/** Dotted paths into documents, such as {@code a.b.0}. */
public final class Paths {
  private Paths() {}

  /** The value at a path, numbers meaning array elements; null (BSON) if there is none. */
  public static BsonValue at(BsonDocument document, String path) {
    BsonValue value = document;
    for (String step : path.split("\\.", -1)) {
      value = child(value, step);
      if (value == null) {
        return BsonNull.VALUE;
      }
    }
    return value;
  }

  /**
   * Every value that a filter on the path looks at: arrays on the way are entered, the last one is
   * given whole. Empty if the path leads nowhere.
   */
  public static List<BsonValue> all(BsonDocument document, String path) {
    List<BsonValue> found = new ArrayList<>();
    collect(document, path.split("\\.", -1), 0, found);
    return found;
  }

  private static void collect(BsonValue value, String[] steps, int from, List<BsonValue> found) {
    if (from == steps.length) {
      found.add(value);
      return;
    }
    BsonValue next = child(value, steps[from]);
    if (next != null) {
      collect(next, steps, from + 1, found);
    }
    if (value.isArray()) {
      for (BsonValue element : value.asArray()) {
        if (element.isDocument()) {
          collect(element, steps, from, found);
        }
      }
    }
  }

  /** Sets the value, making documents on the way and filling arrays with null. */
  public static void set(BsonDocument document, String path, BsonValue newValue) {
    String[] steps = path.split("\\.", -1);
    BsonValue parent = document;
    for (int i = 0; i < steps.length - 1; i++) {
      BsonValue next = child(parent, steps[i]);
      if (next == null) {
        next = new BsonDocument();
        put(parent, steps[i], next, path);
      }
      parent = next;
    }
    put(parent, steps[steps.length - 1], newValue, path);
  }

  /** Removes a field, or sets an array's element to null, as the server does. */
  public static void unset(BsonDocument document, String path) {
    int dot = path.lastIndexOf('.');
    BsonValue parent = dot < 0 ? document : at(document, path.substring(0, dot));
    String last = path.substring(dot + 1);
    if (parent.isDocument()) {
      parent.asDocument().remove(last);
    } else if (child(parent, last) != null) {
      parent.asArray().set(Integer.parseInt(last), BsonNull.VALUE);
    }
  }

  private static BsonValue child(BsonValue parent, String step) {
    if (parent.isDocument()) {
      return parent.asDocument().get(step);
    }
    if (parent.isArray() && isIndex(step)) {
      int index = Integer.parseInt(step);
      return index < parent.asArray().size() ? parent.asArray().get(index) : null;
    }
    return null;
  }

  private static void put(BsonValue parent, String step, BsonValue value, String path) {
    if (parent.isDocument()) {
      parent.asDocument().put(step, value);
    } else if (parent.isArray() && isIndex(step)) {
      BsonArray array = parent.asArray();
      int index = Integer.parseInt(step);
      while (array.size() <= index) {
        array.add(BsonNull.VALUE);
      }
      array.set(index, value);
    } else {
      throw new CommandException(
          28, "PathNotViable", "Cannot create field '" + step + "' in the path '" + path + "'");
    }
  }

  private static boolean isIndex(String step) {
    return !step.isEmpty() && step.length() < 7 && step.chars().allMatch(Character::isDigit);
  }
}
