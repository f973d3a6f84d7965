package io.stillpoint.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import io.stillpoint.backup.BackupDescription;
import io.stillpoint.backup.BackupResult;
import io.stillpoint.model.Manifest;
import io.stillpoint.restore.RestoreResult;
import io.temporal.common.converter.JacksonJsonPayloadConverter;
import java.io.IOException;

/** Writes the same JSON shapes that the workflows exchange. */
final class Json {
  private static final ObjectMapper MAPPER =
      JacksonJsonPayloadConverter.newDefaultObjectMapper()
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
          .addMixIn(Manifest.class, Window.class)
          .addMixIn(BackupDescription.class, Window.class)
          .addMixIn(BackupResult.class, Window.class)
          .addMixIn(RestoreResult.class, Down.class);

  /** Backups whose cursors were never open, or whose window nobody knows, had none of 0 ms. */
  private interface Window {
    @JsonSerialize(using = NullForZero.class)
    long cursorWindowMillis();
  }

  /** A plan takes nothing down. */
  private interface Down {
    @JsonSerialize(using = NullForZero.class)
    long downMillis();
  }

  /** A time that was never measured. */
  private static final class NullForZero extends JsonSerializer<Long> {
    @Override
    public void serialize(Long millis, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      if (millis == 0) {
        out.writeNull();
      } else {
        out.writeNumber(millis);
      }
    }
  }

  private Json() {}

  static String document(Object value) {
    return write(MAPPER.writerWithDefaultPrettyPrinter(), value);
  }

  static String line(Object value) {
    return write(MAPPER.writer(), value);
  }

  private static String write(com.fasterxml.jackson.databind.ObjectWriter writer, Object value) {
    try {
      return writer.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a record that cannot be written: " + value.getClass(), e);
    }
  }
}
