package io.stillpoint.payload;

import com.google.protobuf.ByteString;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.Failures;
import io.temporal.api.common.v1.Payload;
import io.temporal.api.common.v1.Payloads;
import io.temporal.api.failure.v1.Failure;
import io.temporal.common.converter.CodecDataConverter;
import io.temporal.common.converter.DataConverter;
import io.temporal.common.converter.DataConverterException;
import io.temporal.payload.context.SerializationContext;
import java.lang.reflect.Type;
import java.util.List;
import java.util.Optional;

/**
 * How the inputs, results and failures of operations are stored.
 *
 * <p>With keys it encrypts payloads and the texts of failures, but for one: that a key is missing
 * or wrong must be readable without that very key.
 *
 * <p>An argument of type Object that is not JSON arrives as {@link Unreadable}. The SDK itself
 * would drop such a signal with nothing but a line in the worker's log, and retry the first task of
 * a workflow that was started so for ever.
 */
public final class OperationConverter extends CodecDataConverter {
  private final DataConverter plain;
  private final PayloadKeys keys;

  public OperationConverter(DataConverter plain, PayloadKeys keys) {
    super(plain, List.of(new EncryptingCodec(keys)), !keys.isEmpty());
    this.plain = plain;
    this.keys = keys;
  }

  @Override
  public Object[] fromPayloads(Optional<Payloads> content, Class<?>[] types, Type[] generic) {
    Object[] values = new Object[types.length];
    for (int i = 0; i < types.length; i++) {
      values[i] =
          types[i] == Object.class
              ? typed(i, content)
              : fromPayloads(i, content, types[i], generic[i]);
    }
    return values;
  }

  private Object typed(int index, Optional<Payloads> content) {
    try {
      Object value = fromPayloads(index, content, Object.class, Object.class);
      return value instanceof byte[] ? unreadable(content.orElseThrow().getPayloads(index)) : value;
    } catch (DataConverterException e) {
      return unreadable(content.orElseThrow().getPayloads(index));
    }
  }

  private static Unreadable unreadable(Payload payload) {
    return new Unreadable(
        payload.getMetadataOrDefault("encoding", ByteString.EMPTY).toStringUtf8());
  }

  @Override
  public Failure exceptionToFailure(Throwable thrown) {
    return Failures.codeOf(thrown) == ErrorCode.PAYLOAD_KEY_MISSING
        ? plain.exceptionToFailure(thrown)
        : super.exceptionToFailure(thrown);
  }

  @Override
  public CodecDataConverter withContext(SerializationContext context) {
    return new OperationConverter(plain.withContext(context), keys);
  }
}
