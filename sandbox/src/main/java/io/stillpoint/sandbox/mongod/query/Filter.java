package io.stillpoint.sandbox.mongod.query;

import io.stillpoint.sandbox.wire.CommandException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonNull;
import org.bson.BsonRegularExpression;
import org.bson.BsonType;
import org.bson.BsonValue;

/** A query filter, parsed once. */
public final class Filter implements Predicate<BsonDocument> {
  private final BsonDocument query;
  private final List<Predicate<BsonValue>> clauses;

  private Filter(BsonDocument query, List<Predicate<BsonValue>> clauses) {
    this.query = query;
    this.clauses = clauses;
  }

  /**
   * Parses a filter.
   *
   * @throws CommandException 2 BadValue on an operator that is not known here
   */
  public static Filter parse(BsonDocument query) {
    return new Filter(query, clauses(query));
  }

  public boolean isEmpty() {
    return clauses.isEmpty();
  }

  /** The value that {@code _id} has to be equal to, or null if the filter does not say so. */
  public BsonValue idEquals() {
    BsonValue id = query.get("_id");
    if (id == null || id.isRegularExpression()) {
      return null;
    }
    if (isOperators(id)) {
      return id.asDocument().size() == 1 ? id.asDocument().get("$eq") : null;
    }
    return id;
  }

  @Override
  public boolean test(BsonDocument document) {
    return matches(document);
  }

  boolean matches(BsonValue value) {
    for (Predicate<BsonValue> clause : clauses) {
      if (!clause.test(value)) {
        return false;
      }
    }
    return true;
  }

  private static List<Predicate<BsonValue>> clauses(BsonDocument query) {
    List<Predicate<BsonValue>> clauses = new ArrayList<>();
    for (Map.Entry<String, BsonValue> entry : query.entrySet()) {
      String key = entry.getKey();
      BsonValue value = entry.getValue();
      switch (key) {
        case "$and" -> clauses.addAll(all(value));
        case "$or" -> {
          List<Predicate<BsonValue>> any = all(value);
          clauses.add(v -> any.stream().anyMatch(p -> p.test(v)));
        }
        case "$nor" -> {
          List<Predicate<BsonValue>> none = all(value);
          clauses.add(v -> none.stream().noneMatch(p -> p.test(v)));
        }
        case "$comment" -> {}
        case "$expr" -> clauses.add(v -> Expression.isTrue(Expression.eval(value, v.asDocument())));
        default -> {
          if (key.startsWith("$")) {
            throw bad("unknown top level operator: " + key);
          }
          clauses.add(field(key, value));
        }
      }
    }
    return clauses;
  }

  private static List<Predicate<BsonValue>> all(BsonValue array) {
    List<Predicate<BsonValue>> parsed = new ArrayList<>();
    for (BsonValue element : array.asArray()) {
      parsed.add(parse(element.asDocument())::matches);
    }
    return parsed;
  }

  private static boolean isOperators(BsonValue value) {
    return value.isDocument()
        && !value.asDocument().isEmpty()
        && value.asDocument().getFirstKey().startsWith("$");
  }

  private static Predicate<BsonValue> field(String path, BsonValue condition) {
    if (!isOperators(condition)) {
      return equality(path, condition);
    }
    List<Predicate<BsonValue>> operators = new ArrayList<>();
    BsonDocument document = condition.asDocument();
    document.forEach((op, arg) -> operators.add(operator(path, op, arg, document)));
    return v -> operators.stream().allMatch(p -> p.test(v));
  }

  private static Predicate<BsonValue> equality(String path, BsonValue wanted) {
    if (wanted instanceof BsonRegularExpression regex) {
      return any(path, regex(regex.getPattern(), regex.getOptions()));
    }
    if (wanted.isNull()) {
      return v -> {
        List<BsonValue> found = Paths.all(v, path);
        return found.isEmpty() || found.stream().anyMatch(Filter::nullOrHasNull);
      };
    }
    return any(path, candidate -> Values.equal(candidate, wanted));
  }

  private static boolean nullOrHasNull(BsonValue value) {
    return value.isNull() || value instanceof BsonArray array && array.contains(BsonNull.VALUE);
  }

  /** True when a value at the path, or an element of an array there, satisfies the test. */
  private static Predicate<BsonValue> any(String path, Predicate<BsonValue> test) {
    return v -> {
      for (BsonValue candidate : Paths.all(v, path)) {
        if (test.test(candidate)) {
          return true;
        }
        if (candidate instanceof BsonArray array && array.stream().anyMatch(test)) {
          return true;
        }
      }
      return false;
    };
  }

  private static Predicate<BsonValue> operator(
      String path, String op, BsonValue arg, BsonDocument all) {
    return switch (op) {
      case "$eq" -> equality(path, arg);
      case "$ne" -> equality(path, arg).negate();
      case "$gt" -> ordered(path, arg, c -> c > 0);
      case "$gte" -> ordered(path, arg, c -> c >= 0);
      case "$lt" -> ordered(path, arg, c -> c < 0);
      case "$lte" -> ordered(path, arg, c -> c <= 0);
      case "$in" -> in(path, arg.asArray());
      case "$nin" -> in(path, arg.asArray()).negate();
      case "$exists" -> {
        boolean wanted = Expression.isTrue(arg);
        yield v -> Paths.all(v, path).isEmpty() != wanted;
      }
      case "$not" ->
          arg.isRegularExpression() ? equality(path, arg).negate() : field(path, arg).negate();
      case "$type" -> any(path, v -> isType(v, arg));
      case "$size" -> {
        int size = arg.asNumber().intValue();
        yield v ->
            Paths.all(v, path).stream().anyMatch(a -> a.isArray() && a.asArray().size() == size);
      }
      case "$all" -> {
        List<Predicate<BsonValue>> each =
            arg.asArray().stream().map(e -> equality(path, e)).toList();
        yield v -> !each.isEmpty() && each.stream().allMatch(p -> p.test(v));
      }
      case "$elemMatch" -> elemMatch(path, arg.asDocument());
      case "$mod" -> {
        long divisor = arg.asArray().get(0).asNumber().longValue();
        long remainder = arg.asArray().get(1).asNumber().longValue();
        yield any(path, v -> v.isNumber() && v.asNumber().longValue() % divisor == remainder);
      }
      case "$regex" ->
          arg.isRegularExpression()
              ? equality(path, arg)
              : any(
                  path,
                  regex(
                      arg.asString().getValue(),
                      all.containsKey("$options") ? all.getString("$options").getValue() : ""));
      case "$options" -> v -> true;
      default -> throw bad("unknown operator: " + op);
    };
  }

  private static Predicate<BsonValue> ordered(String path, BsonValue arg, IntPredicate order) {
    int bracket = Values.bracket(arg);
    return any(path, v -> Values.bracket(v) == bracket && order.test(Values.ORDER.compare(v, arg)));
  }

  private static Predicate<BsonValue> in(String path, BsonArray wanted) {
    List<Predicate<BsonValue>> each = wanted.stream().map(w -> equality(path, w)).toList();
    return v -> each.stream().anyMatch(p -> p.test(v));
  }

  private static Predicate<BsonValue> elemMatch(String path, BsonDocument condition) {
    boolean operators = isOperators(condition);
    Predicate<BsonValue> test =
        operators
            ? element -> field("v", condition).test(new BsonDocument("v", element))
            : parse(condition)::matches;
    return v ->
        Paths.all(v, path).stream()
            .filter(BsonValue::isArray)
            .anyMatch(a -> a.asArray().stream().anyMatch(test));
  }

  private static Predicate<BsonValue> regex(String pattern, String options) {
    int flags = 0;
    flags |= options.contains("i") ? Pattern.CASE_INSENSITIVE : 0;
    flags |= options.contains("m") ? Pattern.MULTILINE : 0;
    flags |= options.contains("s") ? Pattern.DOTALL : 0;
    flags |= options.contains("x") ? Pattern.COMMENTS : 0;
    Pattern compiled = Pattern.compile(pattern, flags);
    return v -> v.isString() && compiled.matcher(v.asString().getValue()).find();
  }

  private static boolean isType(BsonValue value, BsonValue wanted) {
    if (wanted.isArray()) {
      return wanted.asArray().stream().anyMatch(w -> isType(value, w));
    }
    BsonType type = value.getBsonType();
    if (wanted.isNumber()) {
      return type.getValue() == wanted.asNumber().intValue();
    }
    return switch (wanted.asString().getValue()) {
      case "number" -> value.isNumber();
      case "double" -> type == BsonType.DOUBLE;
      case "string" -> type == BsonType.STRING;
      case "object" -> type == BsonType.DOCUMENT;
      case "array" -> type == BsonType.ARRAY;
      case "binData" -> type == BsonType.BINARY;
      case "objectId" -> type == BsonType.OBJECT_ID;
      case "bool" -> type == BsonType.BOOLEAN;
      case "date" -> type == BsonType.DATE_TIME;
      case "null" -> type == BsonType.NULL;
      case "int" -> type == BsonType.INT32;
      case "long" -> type == BsonType.INT64;
      case "timestamp" -> type == BsonType.TIMESTAMP;
      case "decimal" -> type == BsonType.DECIMAL128;
      default -> throw bad("Unknown type name alias: " + wanted.asString().getValue());
    };
  }

  static CommandException bad(String message) {
    return new CommandException(2, "BadValue", message);
  }
}
