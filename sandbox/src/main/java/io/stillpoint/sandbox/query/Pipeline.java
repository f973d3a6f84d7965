package io.stillpoint.sandbox.query;

import io.stillpoint.sandbox.wire.CommandException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonDouble;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonNull;
import org.bson.BsonValue;

/** The aggregation stages that work on documents alone, not on the state of a server. */
public final class Pipeline {
  private Pipeline() {}

  /**
   * Runs the stages; lazily where they allow it.
   *
   * @throws CommandException 40324 for a stage that is unknown
   */
  public static Stream<BsonDocument> run(Stream<BsonDocument> input, List<BsonDocument> stages) {
    Stream<BsonDocument> documents = input;
    for (BsonDocument stage : stages) {
      documents = stage(documents, stage.getFirstKey(), stage.get(stage.getFirstKey()));
    }
    return documents;
  }

  /** Fails as the server does when the pipeline has a stage that {@link #run} does not know. */
  public static void check(List<BsonDocument> stages) {
    run(Stream.empty(), stages).close();
  }

  private static Stream<BsonDocument> stage(
      Stream<BsonDocument> documents, String name, BsonValue spec) {
    return switch (name) {
      case "$match" -> documents.filter(Filter.parse(spec.asDocument()));
      case "$project" -> documents.map(each -> Projection.apply(each, spec.asDocument()));
      case "$addFields", "$set" -> documents.map(each -> withFields(each, spec.asDocument()));
      case "$sort" -> documents.sorted(BsonOrder.by(spec.asDocument()));
      case "$limit" -> documents.limit(spec.asNumber().longValue());
      case "$skip" -> documents.skip(spec.asNumber().longValue());
      case "$count" -> count(documents, spec.asString().getValue());
      case "$group" -> Group.run(documents, spec.asDocument());
      case "$unwind" -> documents.flatMap(each -> unwind(each, spec));
      default ->
          throw new CommandException(
              40324, "Location40324", "Unrecognized pipeline stage name: '" + name + "'");
    };
  }

  private static BsonDocument withFields(BsonDocument document, BsonDocument fields) {
    BsonDocument result = document.clone();
    for (Map.Entry<String, BsonValue> field : fields.entrySet()) {
      BsonValue value = Expression.evaluate(field.getValue(), document);
      if (value != null) {
        Paths.set(result, field.getKey(), value);
      }
    }
    return result;
  }

  private static Stream<BsonDocument> count(Stream<BsonDocument> documents, String field) {
    // Counting starts when the result is asked for, as in every other stage.
    return Stream.of(documents)
        .map(Stream::count)
        .filter(n -> n > 0)
        .map(n -> new BsonDocument(field, number(n)));
  }

  private static BsonValue number(long n) {
    return n == (int) n ? new BsonInt32((int) n) : new BsonInt64(n);
  }

  private static Stream<BsonDocument> unwind(BsonDocument document, BsonValue spec) {
    BsonValue path = spec.isDocument() ? spec.asDocument().get("path") : spec;
    String field = path.asString().getValue().substring(1);
    BsonValue value = Paths.at(document, field);
    if (!value.isArray()) {
      return value.isNull() ? Stream.empty() : Stream.of(document);
    }
    return value.asArray().stream()
        .map(
            element -> {
              BsonDocument one = document.clone();
              Paths.set(one, field, element);
              return one;
            });
  }

  /** {@code $group}. */
  private static final class Group {
    private final BsonDocument spec;
    private final BsonDocument result = new BsonDocument();
    private final Map<String, long[]> averageCounts = new HashMap<>();

    private Group(BsonDocument spec, BsonValue id) {
      this.spec = spec;
      result.put("_id", id);
    }

    static Stream<BsonDocument> run(Stream<BsonDocument> documents, BsonDocument spec) {
      return Stream.of(documents).flatMap(all -> groups(all, spec));
    }

    private static Stream<BsonDocument> groups(Stream<BsonDocument> documents, BsonDocument spec) {
      Map<BsonValue, Group> groups = new TreeMap<>(BsonOrder.INSTANCE);
      documents.forEach(
          document -> {
            BsonValue id = Expression.orNull(Expression.evaluate(spec.get("_id"), document));
            groups.computeIfAbsent(id, key -> new Group(spec, key)).add(document);
          });
      return new ArrayList<>(groups.values()).stream().map(Group::finish);
    }

    private void add(BsonDocument document) {
      for (Map.Entry<String, BsonValue> field : spec.entrySet()) {
        if (!field.getKey().equals("_id")) {
          BsonDocument accumulator = field.getValue().asDocument();
          String operator = accumulator.getFirstKey();
          BsonValue value = Expression.evaluate(accumulator.get(operator), document);
          accumulate(field.getKey(), operator, value);
        }
      }
    }

    private void accumulate(String field, String operator, BsonValue value) {
      BsonValue soFar = result.get(field);
      switch (operator) {
        case "$sum" -> {
          BsonValue base = soFar == null ? new BsonInt32(0) : soFar;
          result.put(field, isNumber(value) ? Numbers.add(base, value) : base);
        }
        case "$avg" -> {
          if (isNumber(value)) {
            averageCounts.computeIfAbsent(field, key -> new long[1])[0]++;
            result.put(field, soFar == null ? value : Numbers.add(soFar, value));
          } else {
            result.putIfAbsent(field, BsonNull.VALUE);
          }
        }
        case "$max" -> keepIf(field, soFar, value, BsonOrder.INSTANCE.reversed());
        case "$min" -> keepIf(field, soFar, value, BsonOrder.INSTANCE);
        case "$first" -> result.putIfAbsent(field, Expression.orNull(value));
        case "$last" -> result.put(field, Expression.orNull(value));
        case "$push" -> {
          result.putIfAbsent(field, new BsonArray());
          if (value != null) {
            result.getArray(field).add(value);
          }
        }
        case "$addToSet" -> {
          result.putIfAbsent(field, new BsonArray());
          BsonArray set = result.getArray(field);
          if (value != null && set.stream().noneMatch(each -> BsonOrder.same(each, value))) {
            set.add(value);
          }
        }
        default ->
            throw new CommandException(
                15952, "Location15952", "unknown group operator '" + operator + "'");
      }
    }

    private void keepIf(
        String field, BsonValue soFar, BsonValue value, Comparator<BsonValue> lowerWins) {
      boolean missing = soFar == null || soFar.isNull();
      if (value == null || value.isNull()) {
        result.putIfAbsent(field, BsonNull.VALUE);
      } else if (missing || lowerWins.compare(value, soFar) < 0) {
        result.put(field, value);
      }
    }

    private BsonDocument finish() {
      averageCounts.forEach(
          (field, count) ->
              result.put(
                  field, new BsonDouble(result.get(field).asNumber().doubleValue() / count[0])));
      return result;
    }

    private static boolean isNumber(BsonValue value) {
      return value != null && value.isNumber();
    }
  }
}
