package io.stillpoint.sandbox.query;

import io.stillpoint.sandbox.wire.CommandException;
import java.util.List;
import java.util.Map;
import org.bson.BsonArray;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonNull;
import org.bson.BsonString;
import org.bson.BsonValue;

/** Aggregation expressions: field paths, literals, a little arithmetic and comparison. */
final class Expression {
  private Expression() {}

  /** The value; Java's null if the expression names a field that the document has not. */
  static BsonValue evaluate(BsonValue expression, BsonDocument document) {
    if (expression.isString()) {
      return path(expression.asString(), document);
    }
    if (expression.isArray()) {
      BsonArray result = new BsonArray();
      expression.asArray().forEach(item -> result.add(orNull(evaluate(item, document))));
      return result;
    }
    if (!expression.isDocument()) {
      return expression;
    }
    BsonDocument parts = expression.asDocument();
    if (parts.size() == 1 && parts.getFirstKey().startsWith("$")) {
      return operator(parts.getFirstKey(), parts.get(parts.getFirstKey()), document);
    }
    BsonDocument result = new BsonDocument();
    for (Map.Entry<String, BsonValue> part : parts.entrySet()) {
      BsonValue value = evaluate(part.getValue(), document);
      if (value != null) {
        result.put(part.getKey(), value);
      }
    }
    return result;
  }

  private static BsonValue path(BsonString expression, BsonDocument document) {
    String text = expression.getValue();
    if (text.equals("$$ROOT") || text.equals("$$CURRENT")) {
      return document;
    }
    if (!text.startsWith("$")) {
      return expression;
    }
    String path = text.substring(1);
    return Paths.all(document, path).isEmpty() ? null : Paths.at(document, path);
  }

  private static BsonValue operator(String name, BsonValue operand, BsonDocument document) {
    return switch (name) {
      case "$literal" -> operand;
      case "$add", "$sum" -> Numbers.fold(operands(operand, document), Numbers::add);
      case "$multiply" -> Numbers.fold(operands(operand, document), Numbers::multiply);
      case "$subtract" -> Numbers.fold(operands(operand, document), Numbers::subtract);
      case "$eq" -> BsonBoolean.valueOf(comparison(operand, document) == 0);
      case "$ne" -> BsonBoolean.valueOf(comparison(operand, document) != 0);
      case "$gt" -> BsonBoolean.valueOf(comparison(operand, document) > 0);
      case "$gte" -> BsonBoolean.valueOf(comparison(operand, document) >= 0);
      case "$lt" -> BsonBoolean.valueOf(comparison(operand, document) < 0);
      case "$lte" -> BsonBoolean.valueOf(comparison(operand, document) <= 0);
      case "$ifNull" -> {
        BsonArray args = operand.asArray();
        BsonValue first = evaluate(args.get(0), document);
        yield first == null || first.isNull() ? evaluate(args.get(1), document) : first;
      }
      case "$cond" -> {
        BsonArray args = operand.asArray();
        boolean test = Filter.isTrue(orNull(evaluate(args.get(0), document)));
        yield evaluate(args.get(test ? 1 : 2), document);
      }
      default ->
          throw new CommandException(
              168, "InvalidPipelineOperator", "Unrecognized expression '" + name + "'");
    };
  }

  private static BsonArray operands(BsonValue operand, BsonDocument document) {
    return operand.isArray()
        ? evaluate(operand, document).asArray()
        : new BsonArray(List.of(orNull(evaluate(operand, document))));
  }

  private static int comparison(BsonValue operand, BsonDocument document) {
    BsonArray pair = evaluate(operand, document).asArray();
    return BsonOrder.INSTANCE.compare(pair.get(0), pair.get(1));
  }

  static BsonValue orNull(BsonValue value) {
    return value == null ? BsonNull.VALUE : value;
  }
}
