package io.stillpoint.payload;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.Failures;
import io.temporal.api.failure.v1.Failure;
import io.temporal.common.converter.CodecDataConverter;
import io.temporal.common.converter.DataConverter;
import io.temporal.payload.context.SerializationContext;
import java.util.List;

/**
 * Encrypts payloads and the texts of failures, but for one: that a key is missing or wrong must be
 * readable without that very key.
 */
public final class EncryptingConverter extends CodecDataConverter {
  private final DataConverter plain;
  private final PayloadKeys keys;

  public EncryptingConverter(DataConverter plain, PayloadKeys keys) {
    super(plain, List.of(new EncryptingCodec(keys)), !keys.isEmpty());
    this.plain = plain;
    this.keys = keys;
  }

  @Override
  public Failure exceptionToFailure(Throwable thrown) {
    return Failures.codeOf(thrown) == ErrorCode.PAYLOAD_KEY_MISSING
        ? plain.exceptionToFailure(thrown)
        : super.exceptionToFailure(thrown);
  }

  @Override
  public CodecDataConverter withContext(SerializationContext context) {
    return new EncryptingConverter(plain.withContext(context), keys);
  }
}
