package io.stillpoint.sandbox.query;

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
import org.bson.BsonString;
import org.bson.BsonType;
import org.bson.BsonValue;

/** A query filter. */
public final class Filter implements Predicate<BsonDocument> {
  private final Predicate<BsonDocument> predicate;

  private Filter(Predicate<BsonDocument> predicate) {
    this.predicate = predicate;
  }

  /**
   * @throws CommandException code 2 for an operator that is unknown (to MongoDB or to this class)
   */
  public static Filter parse(BsonDocument filter) {
    return new Filter(conjunction(filter));
  }

  @Override
  public boolean test(BsonDocument document) {
    return predicate.test(document);
  }

  private static Predicate<BsonDocument> conjunction(BsonDocument filter) {
    List<Predicate<BsonDocument>> parts = new ArrayList<>();
    for (Map.Entry<String, BsonValue> entry : filter.entrySet()) {
      if (entry.getKey().startsWith("$")) {
        parts.add(logical(entry.getKey(), entry.getValue()));
      } else {
        parts.add(field(entry.getKey(), entry.getValue()));
      }
    }
    return document -> parts.stream().allMatch(part -> part.test(document));
  }

  private static Predicate<BsonDocument> logical(String operator, BsonValue operand) {
    if (operator.equals("$comment")) {
      return document -> true;
    }
    if (!List.of("$and", "$or", "$nor").contains(operator) || !operand.isArray()) {
      throw unknown("unknown top level operator: " + operator);
    }
    List<Predicate<BsonDocument>> parts =
        operand.asArray().stream().map(part -> conjunction(part.asDocument())).toList();
    return switch (operator) {
      case "$and" -> document -> parts.stream().allMatch(part -> part.test(document));
      case "$or" -> document -> parts.stream().anyMatch(part -> part.test(document));
      default -> document -> parts.stream().noneMatch(part -> part.test(document));
    };
  }

  private static Predicate<BsonDocument> field(String path, BsonValue condition) {
    Predicate<List<BsonValue>> test =
        isOperators(condition) ? operators(condition.asDocument()) : equal(condition);
    return document -> test.test(Paths.all(document, path));
  }

  private static boolean isOperators(BsonValue condition) {
    return condition.isDocument()
        && !condition.asDocument().isEmpty()
        && condition.asDocument().getFirstKey().startsWith("$")
        && !condition.asDocument().getFirstKey().equals("$ref");
  }

  private static Predicate<List<BsonValue>> operators(BsonDocument conditions) {
    List<Predicate<List<BsonValue>>> parts = new ArrayList<>();
    for (Map.Entry<String, BsonValue> entry : conditions.entrySet()) {
      if (!entry.getKey().equals("$options")) {
        parts.add(operator(entry.getKey(), entry.getValue(), conditions));
      }
    }
    return values -> parts.stream().allMatch(part -> part.test(values));
  }

  private static Predicate<List<BsonValue>> operator(
      String name, BsonValue operand, BsonDocument siblings) {
    return switch (name) {
      case "$eq" -> equal(operand);
      case "$ne" -> equal(operand).negate();
      case "$gt" -> compared(operand, result -> result > 0);
      case "$gte" -> compared(operand, result -> result >= 0);
      case "$lt" -> compared(operand, result -> result < 0);
      case "$lte" -> compared(operand, result -> result <= 0);
      case "$in" -> in(operand.asArray());
      case "$nin" -> in(operand.asArray()).negate();
      case "$exists" -> exists(operand);
      case "$not" ->
          (isOperators(operand) ? operators(operand.asDocument()) : equal(operand)).negate();
      case "$regex" -> matching(regex(operand, siblings));
      case "$size" -> any(v -> v.isArray() && v.asArray().size() == number(operand), false);
      case "$all" -> {
        List<Predicate<List<BsonValue>>> each =
            operand.asArray().stream().map(Filter::equal).toList();
        yield values -> each.stream().allMatch(part -> part.test(values));
      }
      case "$elemMatch" -> elementMatches(operand.asDocument());
      case "$type" -> any(v -> typeMatches(v, operand), true);
      case "$mod" ->
          any(
              v ->
                  v.isNumber()
                      && v.asNumber().longValue() % number(operand.asArray().get(0))
                          == number(operand.asArray().get(1)),
              true);
      default -> throw unknown("unknown operator: " + name);
    };
  }

  private static Predicate<List<BsonValue>> equal(BsonValue wanted) {
    if (wanted.isRegularExpression()) {
      return matching(wanted.asRegularExpression());
    }
    Predicate<List<BsonValue>> same = any(value -> BsonOrder.same(value, wanted), true);
    return wanted.isNull() ? values -> values.isEmpty() || same.test(values) : same;
  }

  private static Predicate<List<BsonValue>> compared(BsonValue bound, IntPredicate wanted) {
    return any(
        value ->
            (BsonOrder.rank(value) == BsonOrder.rank(bound)
                    || bound.getBsonType() == BsonType.MIN_KEY
                    || bound.getBsonType() == BsonType.MAX_KEY)
                && wanted.test(BsonOrder.INSTANCE.compare(value, bound)),
        true);
  }

  private static Predicate<List<BsonValue>> in(BsonArray candidates) {
    List<Predicate<List<BsonValue>>> each = candidates.stream().map(Filter::equal).toList();
    return values -> each.stream().anyMatch(part -> part.test(values));
  }

  private static Predicate<List<BsonValue>> exists(BsonValue operand) {
    boolean wanted = isTrue(operand);
    return values -> values.isEmpty() != wanted;
  }

  private static Predicate<List<BsonValue>> matching(BsonRegularExpression expression) {
    int flags = 0;
    for (char option : expression.getOptions().toCharArray()) {
      flags |=
          switch (option) {
            case 'i' -> Pattern.CASE_INSENSITIVE;
            case 'm' -> Pattern.MULTILINE;
            case 's' -> Pattern.DOTALL;
            case 'x' -> Pattern.COMMENTS;
            default -> 0;
          };
    }
    Pattern pattern = Pattern.compile(expression.getPattern(), flags);
    return any(v -> v.isString() && pattern.matcher(v.asString().getValue()).find(), true);
  }

  private static BsonRegularExpression regex(BsonValue operand, BsonDocument siblings) {
    if (operand.isRegularExpression()) {
      return operand.asRegularExpression();
    }
    String options = siblings.getString("$options", new BsonString("")).getValue();
    return new BsonRegularExpression(operand.asString().getValue(), options);
  }

  private static Predicate<List<BsonValue>> elementMatches(BsonDocument condition) {
    Predicate<BsonValue> element =
        isOperators(condition)
            ? value -> operators(condition).test(List.of(value))
            : value -> value.isDocument() && conjunction(condition).test(value.asDocument());
    return any(value -> value.isArray() && value.asArray().stream().anyMatch(element), false);
  }

  /** Tests each value, and if asked the elements of arrays. */
  private static Predicate<List<BsonValue>> any(Predicate<BsonValue> test, boolean intoArrays) {
    return values ->
        values.stream()
            .anyMatch(
                value ->
                    test.test(value)
                        || (intoArrays
                            && value.isArray()
                            && value.asArray().stream().anyMatch(test)));
  }

  private static boolean typeMatches(BsonValue value, BsonValue wanted) {
    if (wanted.isNumber()) {
      return value.getBsonType().getValue() == wanted.asNumber().intValue();
    }
    return switch (wanted.asString().getValue()) {
      case "number" -> value.isNumber();
      case "int" -> value.isInt32();
      case "long" -> value.isInt64();
      case "double" -> value.isDouble();
      case "string" -> value.isString();
      case "object" -> value.isDocument();
      case "array" -> value.isArray();
      case "objectId" -> value.isObjectId();
      case "bool" -> value.isBoolean();
      case "date" -> value.isDateTime();
      case "timestamp" -> value.isTimestamp();
      case "null" -> value.isNull();
      case "binData" -> value.isBinary();
      default -> throw unknown("Unknown type name alias: " + wanted.asString().getValue());
    };
  }

  static boolean isTrue(BsonValue value) {
    return switch (value.getBsonType()) {
      case BOOLEAN -> value.asBoolean().getValue();
      case INT32, INT64, DOUBLE, DECIMAL128 -> value.asNumber().doubleValue() != 0;
      case NULL, UNDEFINED -> false;
      default -> !value.equals(BsonNull.VALUE);
    };
  }

  private static long number(BsonValue value) {
    return value.asNumber().longValue();
  }

  private static CommandException unknown(String message) {
    return new CommandException(2, "BadValue", message);
  }
}
