package io.stillpoint.sandbox.query;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.Map;
import org.bson.BsonArray;
import org.bson.BsonBinary;
import org.bson.BsonDocument;
import org.bson.BsonNumber;
import org.bson.BsonType;
import org.bson.BsonValue;
import org.bson.types.Decimal128;

/** The order of BSON values across types, as in sorts, range filters and shard key ranges. */
public final class BsonOrder implements Comparator<BsonValue> {
  public static final BsonOrder INSTANCE = new BsonOrder();

  private BsonOrder() {}

  /** The order of documents for a sort specification such as {@code {a: 1, "b.c": -1}}. */
  public static Comparator<BsonDocument> by(BsonDocument sort) {
    Comparator<BsonDocument> order = (a, b) -> 0;
    for (Map.Entry<String, BsonValue> key : sort.entrySet()) {
      Comparator<BsonDocument> next =
          Comparator.comparing(document -> Paths.at(document, key.getKey()), INSTANCE);
      boolean descending = key.getValue().isNumber() && key.getValue().asNumber().intValue() < 0;
      order = order.thenComparing(descending ? next.reversed() : next);
    }
    return order;
  }

  /** Whether two values are equal for a query: {@code 1}, {@code 1L} and {@code 1.0} are. */
  public static boolean same(BsonValue a, BsonValue b) {
    return INSTANCE.compare(a, b) == 0;
  }

  /** The rank of a value's type; values of different ranks never match each other in a range. */
  static int rank(BsonValue value) {
    return switch (value.getBsonType()) {
      case MIN_KEY -> -1;
      case UNDEFINED, NULL -> 5;
      case INT32, INT64, DOUBLE, DECIMAL128 -> 10;
      case STRING, SYMBOL -> 15;
      case DOCUMENT -> 20;
      case ARRAY -> 25;
      case BINARY -> 30;
      case OBJECT_ID -> 35;
      case BOOLEAN -> 40;
      case DATE_TIME -> 45;
      case TIMESTAMP -> 47;
      case REGULAR_EXPRESSION -> 50;
      case DB_POINTER -> 55;
      case JAVASCRIPT -> 60;
      case JAVASCRIPT_WITH_SCOPE -> 65;
      case MAX_KEY -> 127;
      default -> throw new IllegalArgumentException("no order for " + value.getBsonType());
    };
  }

  @Override
  public int compare(BsonValue a, BsonValue b) {
    int byType = Integer.compare(rank(a), rank(b));
    if (byType != 0) {
      return byType;
    }
    return switch (a.getBsonType()) {
      case INT32, INT64, DOUBLE, DECIMAL128 -> numbers(a.asNumber(), b.asNumber());
      case STRING, SYMBOL -> text(a).compareTo(text(b));
      case DOCUMENT -> documents(a.asDocument(), b.asDocument());
      case ARRAY -> arrays(a.asArray(), b.asArray());
      case BINARY -> binaries(a.asBinary(), b.asBinary());
      case OBJECT_ID -> a.asObjectId().compareTo(b.asObjectId());
      case BOOLEAN -> a.asBoolean().compareTo(b.asBoolean());
      case DATE_TIME -> a.asDateTime().compareTo(b.asDateTime());
      case TIMESTAMP -> a.asTimestamp().compareTo(b.asTimestamp());
      case REGULAR_EXPRESSION -> a.toString().compareTo(b.toString());
      default -> 0;
    };
  }

  private static String text(BsonValue value) {
    return value.isString() ? value.asString().getValue() : value.asSymbol().getSymbol();
  }

  private static int numbers(BsonNumber a, BsonNumber b) {
    if (isWhole(a) && isWhole(b)) {
      return Long.compare(a.longValue(), b.longValue());
    }
    double left = a.doubleValue();
    double right = b.doubleValue();
    if (!Double.isFinite(left) || !Double.isFinite(right)) {
      // MongoDB sorts NaN below every other number, Java above.
      if (Double.isNaN(left) || Double.isNaN(right)) {
        return Boolean.compare(Double.isNaN(right), Double.isNaN(left));
      }
      return Double.compare(left, right);
    }
    return exact(a).compareTo(exact(b));
  }

  private static boolean isWhole(BsonNumber number) {
    return number.getBsonType() == BsonType.INT32 || number.getBsonType() == BsonType.INT64;
  }

  private static BigDecimal exact(BsonNumber number) {
    return switch (number.getBsonType()) {
      case DOUBLE -> new BigDecimal(number.doubleValue());
      case DECIMAL128 -> decimal(number.decimal128Value());
      default -> BigDecimal.valueOf(number.longValue());
    };
  }

  private static BigDecimal decimal(Decimal128 value) {
    // Decimal128 has a negative zero, which BigDecimal cannot hold.
    return value.equals(Decimal128.NEGATIVE_ZERO) ? BigDecimal.ZERO : value.bigDecimalValue();
  }

  private int documents(BsonDocument a, BsonDocument b) {
    Iterator<Map.Entry<String, BsonValue>> right = b.entrySet().iterator();
    for (Map.Entry<String, BsonValue> left : a.entrySet()) {
      if (!right.hasNext()) {
        return 1;
      }
      Map.Entry<String, BsonValue> other = right.next();
      int result = Integer.compare(rank(left.getValue()), rank(other.getValue()));
      result = result != 0 ? result : left.getKey().compareTo(other.getKey());
      result = result != 0 ? result : compare(left.getValue(), other.getValue());
      if (result != 0) {
        return result;
      }
    }
    return right.hasNext() ? -1 : 0;
  }

  private int arrays(BsonArray a, BsonArray b) {
    for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
      int result = compare(a.get(i), b.get(i));
      if (result != 0) {
        return result;
      }
    }
    return Integer.compare(a.size(), b.size());
  }

  private static int binaries(BsonBinary a, BsonBinary b) {
    int result = Integer.compare(a.getData().length, b.getData().length);
    result = result != 0 ? result : Byte.compareUnsigned(a.getType(), b.getType());
    return result != 0 ? result : Arrays.compareUnsigned(a.getData(), b.getData());
  }
}
