package io.stillpoint.sandbox.query;

import io.stillpoint.sandbox.wire.CommandException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bson.BsonArray;
import org.bson.BsonDateTime;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonNull;
import org.bson.BsonValue;

/** An update: a replacement, or operators such as {@code $set}. */
public final class Update {
  private final BsonDocument update;
  private final List<BsonDocument> arrayFilters;

  public Update(BsonDocument update, List<BsonDocument> arrayFilters) {
    this.update = update;
    this.arrayFilters = arrayFilters;
  }

  public boolean isReplacement() {
    return update.isEmpty() || !update.getFirstKey().startsWith("$");
  }

  /**
   * The document after the update; the given one is not changed.
   *
   * @param inserting whether this makes a new document, so that {@code $setOnInsert} counts
   */
  public BsonDocument apply(BsonDocument before, boolean inserting) {
    if (isReplacement()) {
      return replacement(before);
    }
    BsonDocument result = before.clone();
    for (Map.Entry<String, BsonValue> operator : update.entrySet()) {
      for (Map.Entry<String, BsonValue> field : operator.getValue().asDocument().entrySet()) {
        for (String path : expand(result, field.getKey())) {
          apply(result, operator.getKey(), path, field.getValue(), inserting);
        }
      }
    }
    if (before.containsKey("_id")
        && !BsonOrder.same(before.get("_id"), orNull(result.get("_id")))) {
      throw new CommandException(
          66,
          "ImmutableField",
          "Performing an update on the path '_id' would modify the immutable field '_id'");
    }
    return result;
  }

  /** The document that an upsert starts from: the filter's equalities. */
  public static BsonDocument seed(BsonDocument filter) {
    BsonDocument seed = new BsonDocument();
    for (Map.Entry<String, BsonValue> entry : filter.entrySet()) {
      BsonValue value = entry.getValue();
      if (entry.getKey().equals("$and")) {
        value.asArray().forEach(part -> seed.putAll(seed(part.asDocument())));
      } else if (!entry.getKey().startsWith("$")) {
        boolean operators =
            value.isDocument()
                && !value.asDocument().isEmpty()
                && value.asDocument().getFirstKey().startsWith("$");
        if (!operators) {
          Paths.set(seed, entry.getKey(), value);
        } else if (value.asDocument().containsKey("$eq")) {
          Paths.set(seed, entry.getKey(), value.asDocument().get("$eq"));
        }
      }
    }
    return seed;
  }

  private BsonDocument replacement(BsonDocument before) {
    BsonDocument result = new BsonDocument();
    if (before.containsKey("_id")) {
      result.put("_id", before.get("_id"));
      if (update.containsKey("_id") && !BsonOrder.same(before.get("_id"), update.get("_id"))) {
        throw new CommandException(
            66,
            "ImmutableField",
            "After applying the update, the (immutable) field '_id' was found to have been altered");
      }
    }
    result.putAll(update);
    return result;
  }

  private void apply(
      BsonDocument document, String operator, String path, BsonValue operand, boolean inserting) {
    BsonValue old = Paths.all(document, path).isEmpty() ? null : Paths.at(document, path);
    switch (operator) {
      case "$set" -> Paths.set(document, path, operand);
      case "$setOnInsert" -> {
        if (inserting) {
          Paths.set(document, path, operand);
        }
      }
      case "$unset" -> Paths.unset(document, path);
      case "$inc" ->
          Paths.set(
              document, path, old == null ? operand : Numbers.add(number(old, path), operand));
      case "$mul" ->
          Paths.set(
              document,
              path,
              old == null ? new BsonInt32(0) : Numbers.multiply(number(old, path), operand));
      case "$min" -> {
        if (old == null || BsonOrder.INSTANCE.compare(operand, old) < 0) {
          Paths.set(document, path, operand);
        }
      }
      case "$max" -> {
        if (old == null || BsonOrder.INSTANCE.compare(operand, old) > 0) {
          Paths.set(document, path, operand);
        }
      }
      case "$rename" -> {
        if (old != null) {
          Paths.unset(document, path);
          Paths.set(document, operand.asString().getValue(), old);
        }
      }
      case "$currentDate" ->
          Paths.set(document, path, new BsonDateTime(System.currentTimeMillis()));
      case "$push", "$addToSet", "$pop", "$pull" -> changeArray(document, operator, path, operand);
      default -> throw new CommandException(9, "FailedToParse", "Unknown modifier: " + operator);
    }
  }

  private static void changeArray(
      BsonDocument document, String operator, String path, BsonValue operand) {
    BsonValue old = Paths.at(document, path);
    BsonArray array =
        old.isArray() ? new BsonArray(new ArrayList<>(old.asArray())) : new BsonArray();
    switch (operator) {
      case "$push" -> array.addAll(each(operand));
      case "$addToSet" -> {
        for (BsonValue value : each(operand)) {
          if (array.stream().noneMatch(present -> BsonOrder.same(present, value))) {
            array.add(value);
          }
        }
      }
      case "$pop" -> {
        if (!array.isEmpty()) {
          array.remove(operand.asNumber().intValue() < 0 ? 0 : array.size() - 1);
        }
      }
      default -> {
        Filter filter = Filter.parse(new BsonDocument("v", operand));
        array.removeIf(value -> filter.test(new BsonDocument("v", value)));
      }
    }
    Paths.set(document, path, array);
  }

  private static List<BsonValue> each(BsonValue operand) {
    return operand.isDocument() && operand.asDocument().containsKey("$each")
        ? operand.asDocument().getArray("$each")
        : List.of(operand);
  }

  /** The paths that one with {@code $[]} or {@code $[x]} stands for. */
  private List<String> expand(BsonDocument document, String path) {
    int start = path.indexOf("$[");
    if (start < 0) {
      return List.of(path);
    }
    int end = path.indexOf(']', start);
    String name = path.substring(start + 2, end);
    String array = path.substring(0, start - 1);
    BsonValue elements = Paths.at(document, array);
    if (!elements.isArray()) {
      throw new CommandException(
          2,
          "BadValue",
          "The path '" + array + "' must exist in the document in order to apply array updates.");
    }
    List<String> paths = new ArrayList<>();
    for (int i = 0; i < elements.asArray().size(); i++) {
      if (selected(name, elements.asArray().get(i))) {
        paths.addAll(expand(document, array + "." + i + path.substring(end + 1)));
      }
    }
    return paths;
  }

  private boolean selected(String name, BsonValue element) {
    if (name.isEmpty()) {
      return true;
    }
    BsonDocument probe = new BsonDocument(name, element);
    for (BsonDocument filter : arrayFilters) {
      String field = filter.getFirstKey();
      if (field.equals(name) || field.startsWith(name + ".")) {
        return Filter.parse(filter).test(probe);
      }
    }
    throw new CommandException(
        2, "BadValue", "No array filter found for identifier '" + name + "' in path");
  }

  private static BsonValue number(BsonValue value, String path) {
    if (!value.isNumber()) {
      throw new CommandException(
          14,
          "TypeMismatch",
          "Cannot apply $inc to a value of non-numeric type; '"
              + path
              + "' is "
              + value.getBsonType());
    }
    return value;
  }

  private static BsonValue orNull(BsonValue value) {
    return value == null ? BsonNull.VALUE : value;
  }
}
