package io.stillpoint.mongo;

import io.stillpoint.model.ClusterTime;
import java.util.List;
import java.util.Optional;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonNumber;
import org.bson.BsonString;
import org.bson.BsonTimestamp;
import org.bson.BsonValue;

/** Reads replies whose fields may be absent or of another numeric type in other server versions. */
final class BsonFields {

  private BsonFields() {}

  /** The value at a dotted path, if every step of it is there. */
  static Optional<BsonValue> value(BsonDocument document, String path) {
    BsonValue at = document;
    for (String step : path.split("\\.")) {
      if (at == null || !at.isDocument()) {
        return Optional.empty();
      }
      at = at.asDocument().get(step);
    }
    return Optional.ofNullable(at).filter(v -> !v.isNull());
  }

  static String string(BsonDocument document, String path) {
    return value(document, path)
        .filter(BsonValue::isString)
        .map(BsonValue::asString)
        .map(BsonString::getValue)
        .orElse("");
  }

  static Optional<BsonNumber> number(BsonDocument document, String path) {
    return value(document, path).filter(BsonValue::isNumber).map(BsonValue::asNumber);
  }

  static long integer(BsonDocument document, String path) {
    return number(document, path).map(BsonNumber::longValue).orElse(0L);
  }

  /** True for true and for a number other than zero; servers use both. */
  static boolean flag(BsonDocument document, String path) {
    return value(document, path)
        .map(v -> v.isBoolean() ? v.asBoolean() : BsonBoolean.valueOf(isNonZero(v)))
        .map(BsonBoolean::getValue)
        .orElse(false);
  }

  static BsonDocument document(BsonDocument document, String path) {
    return value(document, path)
        .filter(BsonValue::isDocument)
        .map(BsonValue::asDocument)
        .orElseGet(BsonDocument::new);
  }

  static List<BsonValue> array(BsonDocument document, String path) {
    return value(document, path)
        .filter(BsonValue::isArray)
        .map(v -> List.copyOf(v.asArray()))
        .orElse(List.of());
  }

  static List<String> strings(BsonDocument document, String path) {
    return array(document, path).stream()
        .filter(BsonValue::isString)
        .map(v -> v.asString().getValue())
        .toList();
  }

  static List<BsonDocument> documents(BsonDocument document, String path) {
    return array(document, path).stream()
        .filter(BsonValue::isDocument)
        .map(BsonValue::asDocument)
        .toList();
  }

  /** A timestamp, or the {@code ts} of an optime document; ZERO if there is none. */
  static ClusterTime time(BsonDocument document, String path) {
    return value(document, path)
        .map(v -> v.isDocument() ? v.asDocument().get("ts") : v)
        .filter(BsonValue::isTimestamp)
        .map(v -> time(v.asTimestamp()))
        .orElse(ClusterTime.ZERO);
  }

  static ClusterTime time(BsonTimestamp timestamp) {
    return new ClusterTime(
        Integer.toUnsignedLong(timestamp.getTime()), Integer.toUnsignedLong(timestamp.getInc()));
  }

  static BsonTimestamp timestamp(ClusterTime time) {
    return new BsonTimestamp((int) time.seconds(), (int) time.increment());
  }

  private static boolean isNonZero(BsonValue value) {
    return value.isNumber() && value.asNumber().doubleValue() != 0;
  }
}
