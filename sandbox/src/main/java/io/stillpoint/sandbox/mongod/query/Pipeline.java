package io.stillpoint.sandbox.mongod.query;

import io.stillpoint.sandbox.wire.CommandException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonDouble;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonNull;
import org.bson.BsonValue;

/** The stages of an aggregation that follow the source of its documents. */
public final class Pipeline {
  private Pipeline() {}

  /** Orders documents as {@code sort} says. */
  public static Comparator<BsonDocument> sort(BsonDocument spec) {
    return (a, b) -> {
      for (Map.Entry<String, BsonValue> entry : spec.entrySet()) {
        if (entry.getKey().equals("$natural")) {
          continue;
        }
        int order =
            Values.ORDER.compare(Paths.one(a, entry.getKey()), Paths.one(b, entry.getKey()));
        if (order != 0) {
          return entry.getValue().asNumber().intValue() < 0 ? -order : order;
        }
      }
      return 0;
    };
  }

  /**
   * Runs stages over the documents.
   *
   * @throws CommandException 40324 on a stage that is not known here
   */
  public static List<BsonDocument> run(List<BsonDocument> input, List<BsonValue> stages) {
    List<BsonDocument> documents = input;
    for (BsonValue value : stages) {
      documents = stage(documents, value.asDocument());
    }
    return documents;
  }

  private static List<BsonDocument> stage(List<BsonDocument> documents, BsonDocument stage) {
    String name = stage.getFirstKey();
    BsonValue spec = stage.get(name);
    return switch (name) {
      case "$match" -> documents.stream().filter(Filter.parse(spec.asDocument())).toList();
      case "$sort" -> documents.stream().sorted(sort(spec.asDocument())).toList();
      case "$limit" -> documents.stream().limit(spec.asNumber().longValue()).toList();
      case "$skip" -> documents.stream().skip(spec.asNumber().longValue()).toList();
      case "$project" -> {
        Projection projection = Projection.parse(spec.asDocument());
        yield documents.stream().map(projection::apply).toList();
      }
      case "$set", "$addFields" ->
          documents.stream().map(d -> addFields(d, spec.asDocument())).toList();
      case "$unset" -> documents.stream().map(d -> unset(d, spec)).toList();
      case "$count" ->
          documents.isEmpty()
              ? List.of()
              : List.of(
                  new BsonDocument(spec.asString().getValue(), new BsonInt32(documents.size())));
      case "$group" -> group(documents, spec.asDocument());
      case "$unwind" -> unwind(documents, spec);
      case "$replaceRoot" ->
          documents.stream()
              .map(d -> Expression.eval(spec.asDocument().get("newRoot"), d).asDocument())
              .toList();
      case "$sortByCount" ->
          run(
              documents,
              List.of(
                  new BsonDocument(
                      "$group",
                      new BsonDocument("_id", spec)
                          .append("count", new BsonDocument("$sum", new BsonInt32(1)))),
                  BsonDocument.parse("{$sort:{count:-1}}")));
      default -> throw unknown(name);
    };
  }

  /** The error for a stage that does not exist. */
  public static CommandException unknown(String stage) {
    return new CommandException(
        40324, "Location40324", "Unrecognized pipeline stage name: '" + stage + "'");
  }

  private static BsonDocument addFields(BsonDocument document, BsonDocument fields) {
    BsonDocument result = Documents.copy(document);
    fields.forEach(
        (path, expression) -> {
          BsonValue value = Expression.eval(expression, document);
          if (value != null) {
            Update.set(result, path, value);
          }
        });
    return result;
  }

  private static BsonDocument unset(BsonDocument document, BsonValue spec) {
    BsonDocument result = Documents.copy(document);
    if (spec.isString()) {
      Update.unset(result, spec.asString().getValue());
    } else {
      spec.asArray().forEach(path -> Update.unset(result, path.asString().getValue()));
    }
    return result;
  }

  private static List<BsonDocument> unwind(List<BsonDocument> documents, BsonValue spec) {
    String path =
        (spec.isString() ? spec.asString() : spec.asDocument().getString("path"))
            .getValue()
            .substring(1);
    List<BsonDocument> result = new ArrayList<>();
    for (BsonDocument document : documents) {
      if (Paths.one(document, path) instanceof BsonArray array) {
        for (BsonValue element : array) {
          BsonDocument copy = Documents.copy(document);
          Update.set(copy, path, element);
          result.add(copy);
        }
      }
    }
    return result;
  }

  private static List<BsonDocument> group(List<BsonDocument> documents, BsonDocument spec) {
    Map<BsonValue, List<BsonDocument>> groups = new LinkedHashMap<>();
    for (BsonDocument document : documents) {
      BsonValue id = Expression.eval(spec.get("_id"), document);
      groups
          .computeIfAbsent(id == null ? BsonNull.VALUE : Values.hashKey(id), k -> new ArrayList<>())
          .add(document);
    }
    List<BsonDocument> result = new ArrayList<>();
    groups.forEach(
        (key, members) -> {
          BsonValue id = Expression.eval(spec.get("_id"), members.get(0));
          BsonDocument group = new BsonDocument("_id", id == null ? BsonNull.VALUE : id);
          spec.forEach(
              (name, accumulator) -> {
                if (!name.equals("_id")) {
                  group.append(name, accumulate(accumulator.asDocument(), members));
                }
              });
          result.add(group);
        });
    return result;
  }

  private static BsonValue accumulate(BsonDocument accumulator, List<BsonDocument> members) {
    String op = accumulator.getFirstKey();
    BsonValue expression = accumulator.get(op);
    List<BsonValue> values = new ArrayList<>();
    for (BsonDocument member : members) {
      BsonValue value = op.equals("$count") ? BsonNull.VALUE : Expression.eval(expression, member);
      if (value != null) {
        values.add(value);
      }
    }
    List<BsonValue> present = values.stream().filter(v -> !v.isNull()).toList();
    return switch (op) {
      case "$sum" -> sum(values);
      case "$count" -> new BsonInt64(members.size());
      case "$avg" -> {
        long numbers = values.stream().filter(BsonValue::isNumber).count();
        yield numbers == 0
            ? BsonNull.VALUE
            : new BsonDouble(sum(values).asNumber().doubleValue() / numbers);
      }
      case "$min" -> present.stream().min(Values.ORDER).orElse(BsonNull.VALUE);
      case "$max" -> present.stream().max(Values.ORDER).orElse(BsonNull.VALUE);
      case "$first" -> values.isEmpty() ? BsonNull.VALUE : values.get(0);
      case "$last" -> values.isEmpty() ? BsonNull.VALUE : values.get(values.size() - 1);
      case "$push" -> new BsonArray(values);
      case "$addToSet" -> {
        Map<BsonValue, BsonValue> distinct = new LinkedHashMap<>();
        values.forEach(v -> distinct.putIfAbsent(Values.hashKey(v), v));
        yield new BsonArray(new ArrayList<>(distinct.values()));
      }
      default ->
          throw new CommandException(15952, "Location15952", "unknown group operator '" + op + "'");
    };
  }

  private static BsonValue sum(List<BsonValue> values) {
    BsonValue total = new BsonInt32(0);
    for (BsonValue value : values) {
      if (value.isNumber()) {
        total = Expression.add(total.asNumber(), value.asNumber());
      }
    }
    return total;
  }
}
