package io.stillpoint.sandbox.mongod.query;

import io.stillpoint.sandbox.wire.CommandException;
import java.util.ArrayList;
import java.util.List;
import org.bson.BsonArray;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonDouble;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonNull;
import org.bson.BsonNumber;
import org.bson.BsonString;
import org.bson.BsonValue;

/** The part of the aggregation language's expressions that tools and tests need. */
final class Expression {
  private Expression() {}

  static boolean isTrue(BsonValue value) {
    if (value == null || value.isNull()) {
      return false;
    }
    if (value.isBoolean()) {
      return value.asBoolean().getValue();
    }
    return !value.isNumber() || value.asNumber().doubleValue() != 0;
  }

  /** The expression's value for a document; null when it refers to a missing field. */
  static BsonValue eval(BsonValue expression, BsonDocument document) {
    if (expression.isString() && expression.asString().getValue().startsWith("$")) {
      String path = expression.asString().getValue();
      if (path.startsWith("$$")) {
        return variable(path.substring(2), document);
      }
      return field(document, path.substring(1));
    }
    if (expression instanceof BsonArray array) {
      return new BsonArray(array.stream().map(e -> orNull(eval(e, document))).toList());
    }
    if (expression instanceof BsonDocument object) {
      if (!object.isEmpty() && object.getFirstKey().startsWith("$")) {
        return operator(object.getFirstKey(), object.get(object.getFirstKey()), document);
      }
      BsonDocument result = new BsonDocument();
      object.forEach(
          (key, value) -> {
            BsonValue v = eval(value, document);
            if (v != null) {
              result.append(key, v);
            }
          });
      return result;
    }
    return expression;
  }

  private static BsonValue variable(String name, BsonDocument document) {
    if (name.equals("ROOT") || name.equals("CURRENT")) {
      return document;
    }
    if (name.startsWith("ROOT.")) {
      return field(document, name.substring(5));
    }
    throw new CommandException(17276, "Location17276", "Use of undefined variable: " + name);
  }

  private static BsonValue field(BsonDocument document, String path) {
    BsonValue one = Paths.one(document, path);
    if (one != null || path.indexOf('.') < 0) {
      return one;
    }
    List<BsonValue> all = Paths.all(document, path);
    return all.isEmpty() ? null : new BsonArray(all);
  }

  private static BsonValue orNull(BsonValue value) {
    return value == null ? BsonNull.VALUE : value;
  }

  private static List<BsonValue> arguments(BsonValue argument, BsonDocument document) {
    List<BsonValue> values = new ArrayList<>();
    if (argument.isArray()) {
      argument.asArray().forEach(a -> values.add(orNull(eval(a, document))));
    } else {
      values.add(orNull(eval(argument, document)));
    }
    return values;
  }

  private static BsonValue operator(String op, BsonValue argument, BsonDocument document) {
    if (op.equals("$literal")) {
      return argument;
    }
    if (op.equals("$cond")) {
      return conditional(argument, document);
    }
    List<BsonValue> args = arguments(argument, document);
    return switch (op) {
      case "$add" -> fold(args, Long::sum, Double::sum);
      case "$multiply" -> fold(args, (a, b) -> a * b, (a, b) -> a * b);
      case "$subtract" -> fold(args, (a, b) -> a - b, (a, b) -> a - b);
      case "$divide" ->
          new BsonDouble(
              args.get(0).asNumber().doubleValue() / args.get(1).asNumber().doubleValue());
      case "$mod" ->
          new BsonInt64(args.get(0).asNumber().longValue() % args.get(1).asNumber().longValue());
      case "$eq" -> BsonBoolean.valueOf(order(args) == 0);
      case "$ne" -> BsonBoolean.valueOf(order(args) != 0);
      case "$gt" -> BsonBoolean.valueOf(order(args) > 0);
      case "$gte" -> BsonBoolean.valueOf(order(args) >= 0);
      case "$lt" -> BsonBoolean.valueOf(order(args) < 0);
      case "$lte" -> BsonBoolean.valueOf(order(args) <= 0);
      case "$and" -> BsonBoolean.valueOf(args.stream().allMatch(Expression::isTrue));
      case "$or" -> BsonBoolean.valueOf(args.stream().anyMatch(Expression::isTrue));
      case "$not" -> BsonBoolean.valueOf(!isTrue(args.get(0)));
      case "$ifNull" -> args.get(0).isNull() ? args.get(1) : args.get(0);
      case "$size" -> new BsonInt32(args.get(0).asArray().size());
      case "$concat" -> {
        StringBuilder text = new StringBuilder();
        args.forEach(a -> text.append(a.asString().getValue()));
        yield new BsonString(text.toString());
      }
      default ->
          throw new CommandException(
              168, "InvalidPipelineOperator", "Unrecognized expression '" + op + "'");
    };
  }

  private static BsonValue conditional(BsonValue argument, BsonDocument document) {
    if (argument instanceof BsonArray array) {
      return eval(array.get(isTrue(eval(array.get(0), document)) ? 1 : 2), document);
    }
    BsonDocument parts = argument.asDocument();
    boolean yes = isTrue(eval(parts.get("if"), document));
    return eval(parts.get(yes ? "then" : "else"), document);
  }

  private static int order(List<BsonValue> args) {
    return Values.ORDER.compare(args.get(0), args.get(1));
  }

  private interface LongFold {
    long apply(long a, long b);
  }

  private interface DoubleFold {
    double apply(double a, double b);
  }

  private static BsonValue fold(List<BsonValue> args, LongFold longs, DoubleFold doubles) {
    BsonValue result = args.get(0);
    for (BsonValue next : args.subList(1, args.size())) {
      if (result.isNull() || next.isNull()) {
        return BsonNull.VALUE;
      }
      result = combine(result.asNumber(), next.asNumber(), longs, doubles);
    }
    return result;
  }

  private static BsonValue combine(BsonNumber a, BsonNumber b, LongFold longs, DoubleFold doubles) {
    if (a.isDouble() || b.isDouble()) {
      return new BsonDouble(doubles.apply(a.doubleValue(), b.doubleValue()));
    }
    long value = longs.apply(a.longValue(), b.longValue());
    boolean small = a.isInt32() && b.isInt32() && value == (int) value;
    return small ? new BsonInt32((int) value) : new BsonInt64(value);
  }

  /** Adds two numbers in the type that MongoDB gives the sum. */
  static BsonValue add(BsonNumber a, BsonNumber b) {
    return combine(a, b, Long::sum, Double::sum);
  }

  static BsonValue multiply(BsonNumber a, BsonNumber b) {
    return combine(a, b, (x, y) -> x * y, (x, y) -> x * y);
  }
}
