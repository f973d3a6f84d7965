package io.stillpoint.policy;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.stillpoint.payload.OperationConverter;
import io.stillpoint.payload.PayloadKeys;
import io.temporal.common.converter.DataConverter;
import io.temporal.common.converter.DefaultDataConverter;
import io.temporal.common.converter.JacksonJsonPayloadConverter;

/** How records travel: the same converter for workers and clients. */
public final class Payloads {

  private Payloads() {}

  /** As {@link #converter(PayloadKeys)}, without encryption. */
  public static DataConverter converter() {
    return converter(PayloadKeys.none());
  }

  /**
   * JSON that tolerates fields it does not know, so that a worker can read what a newer one wrote.
   * What people type is checked by the workflows themselves. With keys, payloads and the texts of
   * failures are encrypted.
   */
  public static DataConverter converter(PayloadKeys keys) {
    return new OperationConverter(plain(), keys);
  }

  private static DataConverter plain() {
    ObjectMapper mapper =
        JacksonJsonPayloadConverter.newDefaultObjectMapper()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
    return DefaultDataConverter.newDefaultInstance()
        .withPayloadConverterOverrides(new JacksonJsonPayloadConverter(mapper));
  }
}
