package io.stillpoint.sandbox.query;

import java.util.function.BinaryOperator;
import org.bson.BsonArray;
import org.bson.BsonDecimal128;
import org.bson.BsonDouble;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonNull;
import org.bson.BsonValue;
import org.bson.types.Decimal128;

/** Arithmetic with the server's result types: an int32 that overflows becomes an int64. */
final class Numbers {
  private Numbers() {}

  static BsonValue add(BsonValue a, BsonValue b) {
    if (a.isDecimal128() || b.isDecimal128()) {
      return new BsonDecimal128(
          new Decimal128(
              a.asNumber()
                  .decimal128Value()
                  .bigDecimalValue()
                  .add(b.asNumber().decimal128Value().bigDecimalValue())));
    }
    if (a.isDouble() || b.isDouble()) {
      return new BsonDouble(a.asNumber().doubleValue() + b.asNumber().doubleValue());
    }
    return whole(a, b, Math.addExact(a.asNumber().longValue(), b.asNumber().longValue()));
  }

  static BsonValue subtract(BsonValue a, BsonValue b) {
    return add(a, multiply(b, new BsonInt32(-1)));
  }

  static BsonValue multiply(BsonValue a, BsonValue b) {
    if (a.isDecimal128() || b.isDecimal128()) {
      return new BsonDecimal128(
          new Decimal128(
              a.asNumber()
                  .decimal128Value()
                  .bigDecimalValue()
                  .multiply(b.asNumber().decimal128Value().bigDecimalValue())));
    }
    if (a.isDouble() || b.isDouble()) {
      return new BsonDouble(a.asNumber().doubleValue() * b.asNumber().doubleValue());
    }
    return whole(a, b, Math.multiplyExact(a.asNumber().longValue(), b.asNumber().longValue()));
  }

  /** Combines the numbers in the array; null if one of them is null. */
  static BsonValue fold(BsonArray values, BinaryOperator<BsonValue> operation) {
    if (values.stream().anyMatch(BsonValue::isNull)) {
      return BsonNull.VALUE;
    }
    return values.stream().reduce(operation).orElse(new BsonInt32(0));
  }

  private static BsonValue whole(BsonValue a, BsonValue b, long result) {
    boolean fits = a.isInt32() && b.isInt32() && result == (int) result;
    return fits ? new BsonInt32((int) result) : new BsonInt64(result);
  }
}
