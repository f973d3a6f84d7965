package io.stillpoint.sandbox.mongod.query;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.bson.BsonArray;
import org.bson.BsonBinary;
import org.bson.BsonDocument;
import org.bson.BsonInt64;
import org.bson.BsonNull;
import org.bson.BsonNumber;
import org.bson.BsonRegularExpression;
import org.bson.BsonValue;

/** Order and equality of BSON values as MongoDB defines them. */
public final class Values {
  /** Compares any two values; numbers by value across their types. */
  public static final Comparator<BsonValue> ORDER = Values::compare;

  private Values() {}

  /** A key for hash maps that is equal for values that MongoDB calls equal. */
  public static BsonValue hashKey(BsonValue value) {
    if (value instanceof BsonNumber number) {
      double d = number.doubleValue();
      if (d == Math.rint(d) && Math.abs(d) < 1L << 53) {
        return new BsonInt64((long) d);
      }
    }
    return value;
  }

  public static boolean equal(BsonValue a, BsonValue b) {
    return compare(a, b) == 0;
  }

  /** The values at a path, elements instead of arrays. */
  public static List<BsonValue> at(BsonDocument document, String path) {
    List<BsonValue> values = new ArrayList<>();
    for (BsonValue value : Paths.all(document, path)) {
      if (value instanceof BsonArray array) {
        values.addAll(array);
      } else {
        values.add(value);
      }
    }
    return values;
  }

  /** The "type bracket", within which {@code $gt} and the like compare. */
  static int bracket(BsonValue value) {
    return switch (value.getBsonType()) {
      case MIN_KEY -> 0;
      case UNDEFINED, NULL -> 1;
      case INT32, INT64, DOUBLE, DECIMAL128 -> 2;
      case SYMBOL, STRING -> 3;
      case DOCUMENT -> 4;
      case ARRAY -> 5;
      case BINARY -> 6;
      case OBJECT_ID -> 7;
      case BOOLEAN -> 8;
      case DATE_TIME -> 9;
      case TIMESTAMP -> 10;
      case REGULAR_EXPRESSION -> 11;
      case MAX_KEY -> 20;
      default -> 15;
    };
  }

  private static int compare(BsonValue left, BsonValue right) {
    BsonValue a = left == null ? BsonNull.VALUE : left;
    BsonValue b = right == null ? BsonNull.VALUE : right;
    int brackets = Integer.compare(bracket(a), bracket(b));
    if (brackets != 0) {
      return brackets;
    }
    return switch (a.getBsonType()) {
      case INT32, INT64, DOUBLE, DECIMAL128 -> compareNumbers(a.asNumber(), b.asNumber());
      case STRING -> a.asString().getValue().compareTo(b.asString().getValue());
      case SYMBOL -> a.asSymbol().getSymbol().compareTo(b.asSymbol().getSymbol());
      case DOCUMENT -> compareDocuments(a.asDocument(), b.asDocument());
      case ARRAY -> compareArrays(a.asArray(), b.asArray());
      case BINARY -> compareBinaries(a.asBinary(), b.asBinary());
      case OBJECT_ID -> a.asObjectId().compareTo(b.asObjectId());
      case BOOLEAN -> Boolean.compare(a.asBoolean().getValue(), b.asBoolean().getValue());
      case DATE_TIME -> Long.compare(a.asDateTime().getValue(), b.asDateTime().getValue());
      case TIMESTAMP ->
          Long.compareUnsigned(a.asTimestamp().getValue(), b.asTimestamp().getValue());
      case REGULAR_EXPRESSION -> compareRegex(a.asRegularExpression(), b.asRegularExpression());
      default -> 0;
    };
  }

  private static int compareNumbers(BsonNumber a, BsonNumber b) {
    if (a.isDouble() || b.isDouble()) {
      return Double.compare(a.doubleValue() + 0.0, b.doubleValue() + 0.0);
    }
    if (a.isDecimal128() || b.isDecimal128()) {
      BigDecimal left = a.decimal128Value().bigDecimalValue();
      return left.compareTo(b.decimal128Value().bigDecimalValue());
    }
    return Long.compare(a.longValue(), b.longValue());
  }

  private static int compareDocuments(BsonDocument a, BsonDocument b) {
    Iterator<Map.Entry<String, BsonValue>> left = a.entrySet().iterator();
    Iterator<Map.Entry<String, BsonValue>> right = b.entrySet().iterator();
    while (left.hasNext() && right.hasNext()) {
      Map.Entry<String, BsonValue> l = left.next();
      Map.Entry<String, BsonValue> r = right.next();
      int order = Integer.compare(bracket(l.getValue()), bracket(r.getValue()));
      if (order == 0) {
        order = l.getKey().compareTo(r.getKey());
      }
      if (order == 0) {
        order = compare(l.getValue(), r.getValue());
      }
      if (order != 0) {
        return order;
      }
    }
    return Boolean.compare(left.hasNext(), right.hasNext());
  }

  private static int compareArrays(BsonArray a, BsonArray b) {
    for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
      int order = compare(a.get(i), b.get(i));
      if (order != 0) {
        return order;
      }
    }
    return Integer.compare(a.size(), b.size());
  }

  private static int compareBinaries(BsonBinary a, BsonBinary b) {
    int order = Integer.compare(a.getData().length, b.getData().length);
    if (order == 0) {
      order = Integer.compare(a.getType() & 0xff, b.getType() & 0xff);
    }
    return order != 0 ? order : java.util.Arrays.compareUnsigned(a.getData(), b.getData());
  }

  private static int compareRegex(BsonRegularExpression a, BsonRegularExpression b) {
    int order = a.getPattern().compareTo(b.getPattern());
    return order != 0 ? order : a.getOptions().compareTo(b.getOptions());
  }
}
