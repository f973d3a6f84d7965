package io.stillpoint.sandbox.mongod.query;

import io.stillpoint.sandbox.wire.CommandException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bson.BsonArray;
import org.bson.BsonBoolean;
import org.bson.BsonDateTime;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonNull;
import org.bson.BsonObjectId;
import org.bson.BsonValue;
import org.bson.types.ObjectId;

/** An update: a replacement, update operators, or a pipeline of {@code $set}/{@code $unset}. */
public final class Update {
  private final BsonValue spec;
  private final Map<String, Filter> arrayFilters;

  private Update(BsonValue spec, Map<String, Filter> arrayFilters) {
    this.spec = spec;
    this.arrayFilters = arrayFilters;
  }

  /** Parses an update; {@code arrayFilters} may be null. */
  public static Update parse(BsonValue spec, BsonArray arrayFilters) {
    Map<String, Filter> filters = new HashMap<>();
    if (arrayFilters != null) {
      for (BsonValue filter : arrayFilters) {
        String first = filter.asDocument().getFirstKey();
        int dot = first.indexOf('.');
        filters.put(dot < 0 ? first : first.substring(0, dot), Filter.parse(filter.asDocument()));
      }
    }
    return new Update(spec, filters);
  }

  public boolean isReplacement() {
    return spec.isDocument()
        && (spec.asDocument().isEmpty() || !spec.asDocument().getFirstKey().startsWith("$"));
  }

  /** The document after the update; the argument is not changed. */
  public BsonDocument apply(BsonDocument before) {
    return apply(before, false);
  }

  /** The document that an upsert inserts. */
  public BsonDocument upsert(BsonDocument query) {
    BsonDocument seed = new BsonDocument();
    equalities(query, seed);
    if (isReplacement()) {
      BsonValue id = seed.get("_id");
      seed = id == null ? new BsonDocument() : new BsonDocument("_id", id);
    }
    BsonDocument result = apply(seed, true);
    return withId(result);
  }

  /** The document with an {@code _id} in front, made if it has none. */
  public static BsonDocument withId(BsonDocument document) {
    BsonValue id = document.get("_id");
    if (id != null && document.getFirstKey().equals("_id")) {
      return document;
    }
    BsonDocument result =
        new BsonDocument("_id", id == null ? new BsonObjectId(new ObjectId()) : id);
    document.forEach(result::putIfAbsent);
    return result;
  }

  private static void equalities(BsonDocument query, BsonDocument seed) {
    query.forEach(
        (key, value) -> {
          if (key.equals("$and")) {
            value.asArray().forEach(part -> equalities(part.asDocument(), seed));
          } else if (!key.startsWith("$")) {
            boolean operators =
                value.isDocument()
                    && !value.asDocument().isEmpty()
                    && value.asDocument().getFirstKey().startsWith("$");
            if (!operators) {
              set(seed, key, value);
            } else if (value.asDocument().containsKey("$eq")) {
              set(seed, key, value.asDocument().get("$eq"));
            }
          }
        });
  }

  private BsonDocument apply(BsonDocument before, boolean inserting) {
    if (isReplacement()) {
      BsonDocument result = new BsonDocument();
      BsonValue id = before.get("_id");
      if (id != null) {
        result.append("_id", id);
      }
      spec.asDocument().forEach((k, v) -> result.append(k, k.equals("_id") && id != null ? id : v));
      requireSameId(before, spec.asDocument());
      return result;
    }
    BsonDocument document = Documents.copy(before);
    if (spec instanceof BsonArray pipeline) {
      for (BsonValue stage : pipeline) {
        document = pipelineStage(stage.asDocument(), document);
      }
    } else {
      for (Map.Entry<String, BsonValue> entry : spec.asDocument().entrySet()) {
        for (Map.Entry<String, BsonValue> field : entry.getValue().asDocument().entrySet()) {
          for (String path : expand(document, field.getKey())) {
            operator(entry.getKey(), document, path, field.getValue(), inserting);
          }
        }
      }
    }
    requireSameId(before, document);
    return document;
  }

  private static void requireSameId(BsonDocument before, BsonDocument after) {
    BsonValue id = before.get("_id");
    if (id != null && after.containsKey("_id") && !Values.equal(id, after.get("_id"))) {
      throw new CommandException(
          66, "ImmutableField", "Performing an update on the path '_id' would modify it");
    }
  }

  private static BsonDocument pipelineStage(BsonDocument stage, BsonDocument document) {
    String name = stage.getFirstKey();
    BsonDocument result = Documents.copy(document);
    switch (name) {
      case "$set", "$addFields" ->
          stage
              .getDocument(name)
              .forEach(
                  (path, expression) -> {
                    BsonValue value = Expression.eval(expression, document);
                    if (value != null) {
                      set(result, path, value);
                    }
                  });
      case "$unset" -> {
        if (stage.isString(name)) {
          unset(result, stage.getString(name).getValue());
        } else {
          stage.getArray(name).forEach(path -> unset(result, path.asString().getValue()));
        }
      }
      default -> throw Filter.bad("stage " + name + " is not supported in an update");
    }
    return result;
  }

  private List<String> expand(BsonDocument document, String path) {
    int at = path.indexOf("$[");
    if (at < 0) {
      return List.of(path);
    }
    int end = path.indexOf(']', at);
    String name = path.substring(at + 2, end);
    BsonValue array = Paths.one(document, path.substring(0, at - 1));
    List<String> paths = new ArrayList<>();
    if (array instanceof BsonArray elements) {
      for (int i = 0; i < elements.size(); i++) {
        Filter filter = arrayFilters.get(name);
        if (!name.isEmpty() && filter == null) {
          throw Filter.bad("No array filter found for identifier '" + name + "' in path '" + path);
        }
        if (filter == null || filter.matches(new BsonDocument(name, elements.get(i)))) {
          paths.addAll(expand(document, path.substring(0, at) + i + path.substring(end + 1)));
        }
      }
    }
    return paths;
  }

  private static void operator(
      String op, BsonDocument document, String path, BsonValue value, boolean inserting) {
    BsonValue old = Paths.one(document, path);
    switch (op) {
      case "$set" -> set(document, path, value);
      case "$setOnInsert" -> {
        if (inserting) {
          set(document, path, value);
        }
      }
      case "$unset" -> unset(document, path);
      case "$inc" ->
          set(
              document,
              path,
              old == null ? value : Expression.add(number(old, path), value.asNumber()));
      case "$mul" ->
          set(
              document,
              path,
              old == null
                  ? new BsonInt32(0)
                  : Expression.multiply(number(old, path), value.asNumber()));
      case "$min" -> {
        if (old == null || Values.ORDER.compare(value, old) < 0) {
          set(document, path, value);
        }
      }
      case "$max" -> {
        if (old == null || Values.ORDER.compare(value, old) > 0) {
          set(document, path, value);
        }
      }
      case "$rename" -> {
        if (old != null) {
          unset(document, path);
          set(document, value.asString().getValue(), old);
        }
      }
      case "$currentDate" -> set(document, path, new BsonDateTime(System.currentTimeMillis()));
      case "$push", "$addToSet" -> push(document, path, old, value, op.equals("$addToSet"));
      case "$pop" -> {
        if (old instanceof BsonArray array && !array.isEmpty()) {
          array.remove(value.asNumber().intValue() < 0 ? 0 : array.size() - 1);
        }
      }
      case "$pull" -> {
        if (old instanceof BsonArray array) {
          Filter filter = pullFilter(value);
          array.removeIf(
              e ->
                  value.isDocument() && e.isDocument()
                      ? Filter.parse(value.asDocument()).matches(e)
                      : filter.matches(new BsonDocument("v", e)));
        }
      }
      default -> throw new CommandException(9, "FailedToParse", "Unknown modifier: " + op);
    }
  }

  private static Filter pullFilter(BsonValue value) {
    return Filter.parse(new BsonDocument("v", value));
  }

  private static org.bson.BsonNumber number(BsonValue value, String path) {
    if (!value.isNumber()) {
      throw new CommandException(
          14, "TypeMismatch", "Cannot apply $inc to a value of non-numeric type at '" + path + "'");
    }
    return value.asNumber();
  }

  private static void push(
      BsonDocument document, String path, BsonValue old, BsonValue value, boolean unique) {
    if (old != null && !old.isArray()) {
      throw Filter.bad("The field '" + path + "' must be an array");
    }
    BsonArray array = old == null ? new BsonArray() : old.asArray();
    boolean each = value.isDocument() && value.asDocument().containsKey("$each");
    for (BsonValue element : each ? value.asDocument().getArray("$each") : List.of(value)) {
      if (!unique || array.stream().noneMatch(e -> Values.equal(e, element))) {
        array.add(element);
      }
    }
    if (each && value.asDocument().containsKey("$slice")) {
      int slice = value.asDocument().getNumber("$slice").intValue();
      while (array.size() > Math.abs(slice)) {
        array.remove(slice < 0 ? 0 : array.size() - 1);
      }
    }
    set(document, path, array);
  }

  static void set(BsonDocument document, String path, BsonValue value) {
    String[] parts = path.split("\\.");
    BsonValue at = document;
    for (int i = 0; i < parts.length - 1; i++) {
      BsonValue next = child(at, parts[i]);
      if (next == null) {
        next = new BsonDocument();
        put(at, parts[i], next, path);
      }
      at = next;
    }
    put(at, parts[parts.length - 1], value, path);
  }

  private static BsonValue child(BsonValue at, String part) {
    return Paths.one(at, part);
  }

  private static void put(BsonValue at, String part, BsonValue value, String path) {
    if (at instanceof BsonDocument document) {
      document.put(part, value);
    } else if (at instanceof BsonArray array && Paths.index(part) >= 0) {
      int index = Paths.index(part);
      while (array.size() <= index) {
        array.add(BsonNull.VALUE);
      }
      array.set(index, value);
    } else {
      throw new CommandException(
          28, "PathNotViable", "Cannot create field '" + part + "' in the path '" + path + "'");
    }
  }

  static void unset(BsonDocument document, String path) {
    int dot = path.lastIndexOf('.');
    BsonValue parent = dot < 0 ? document : Paths.one(document, path.substring(0, dot));
    String last = path.substring(dot + 1);
    if (parent instanceof BsonDocument owner) {
      owner.remove(last);
    } else if (parent instanceof BsonArray array
        && Paths.index(last) >= 0
        && Paths.index(last) < array.size()) {
      array.set(Paths.index(last), BsonNull.VALUE);
    }
  }

  /** Whether a projection or option value means true. */
  public static boolean isTrue(BsonValue value) {
    return Expression.isTrue(value == null ? BsonBoolean.FALSE : value);
  }
}
