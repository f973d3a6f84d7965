package io.stillpoint.policy;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.type.LogicalType;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.Failures;
import io.stillpoint.payload.Unreadable;
import io.temporal.common.converter.JacksonJsonPayloadConverter;
import java.io.IOException;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Reads what people type into {@code temporal workflow start --input} or the UI. Messages arrive as
 * plain JSON values and are read here, because a payload that the SDK itself cannot convert blocks
 * the workflow's task for ever instead of failing it. Every failure is BAD_INPUT and names the
 * field.
 */
public final class Inputs {
  private static final ObjectMapper MAPPER = mapper();

  private Inputs() {}

  /**
   * @param value what arrived; null is passed on as null, for the caller knows what is required
   * @param what in words: "the backup's input"
   * @param example a short input that is right
   */
  public static <T> T read(Object value, Class<T> type, String what, String example) {
    if (value == null || type.isInstance(value)) {
      return type.cast(value);
    }
    if (!(value instanceof Map)) {
      throw bad("%s is %s, but must be an object".formatted(what, shape(value)), example);
    }
    try {
      return MAPPER.convertValue(value, type);
    } catch (IllegalArgumentException e) {
      if (e.getCause() instanceof JsonMappingException mapping) {
        throw bad(problem(what, mapping), example);
      }
      throw bad(what + " cannot be read: " + e.getMessage(), example);
    }
  }

  /**
   * One text: typed as such, or as an object with this one field.
   *
   * @return empty if nothing was typed
   */
  public static String text(Object value, String field, String what) {
    Object single = value;
    if (value instanceof Map<?, ?> fields && List.of(field).containsAll(fields.keySet())) {
      single = fields.get(field);
    }
    if (single == null) {
      return "";
    }
    if (single instanceof String text) {
      return text;
    }
    throw bad(
        "%s is %s, but must be a text".formatted(what, shape(single)),
        "\"TEXT\" or {\"%s\":\"TEXT\"}".formatted(field));
  }

  /** As {@link #text}, but required. */
  public static String name(Object value, String field, String what) {
    String text = text(value, field, what);
    if (text.isBlank()) {
      throw bad(what + " is missing", "\"NAME\" or {\"%s\":\"NAME\"}".formatted(field));
    }
    return text;
  }

  /**
   * Refuses an input without the one field that it must have.
   *
   * @param value null if even the input is absent
   */
  public static void require(String field, String value, String what, String example) {
    if (value == null || value.isBlank()) {
      throw Failures.of(
          ErrorCode.BAD_INPUT,
          "the field '%s' is missing from %s".formatted(field, what),
          "start it with at least " + example);
    }
  }

  /**
   * Refuses fields that would otherwise do nothing: one is a misspelt wish.
   *
   * @param known all names, in words
   */
  public static void refuseUnknown(Map<String, Object> unknown, String what, String known) {
    if (!unknown.isEmpty()) {
      throw Failures.of(
          ErrorCode.BAD_INPUT,
          "%s has unknown fields: %s"
              .formatted(what, String.join(", ", new TreeSet<>(unknown.keySet()))),
          "the fields are: " + known);
    }
  }

  private static RuntimeException bad(String message, String example) {
    return Failures.of(ErrorCode.BAD_INPUT, message, "a right one is: " + example);
  }

  private static String problem(String what, JsonMappingException e) {
    String field =
        e.getPath().stream()
            .map(r -> r.getFieldName() == null ? "[" + r.getIndex() + "]" : r.getFieldName())
            .collect(Collectors.joining("."));
    if (e instanceof UnrecognizedPropertyException) {
      return "%s has the unknown field '%s'".formatted(what, field);
    }
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    String reason =
        root instanceof JsonMappingException mapping ? firstLine(mapping) : root.getMessage();
    return "the field '%s' of %s is wrong: %s".formatted(field, what, reason);
  }

  /** Without the parser's position and our class names, which say nothing to the typist. */
  private static String firstLine(JsonMappingException e) {
    if (e instanceof MismatchedInputException mismatched
        && (!(e instanceof InvalidFormatException) || isOfAnotherKind(e))
        && mismatched.getTargetType() != null) {
      return "it must be " + kind(mismatched.getTargetType());
    }
    return e.getOriginalMessage()
        .lines()
        .findFirst()
        .orElse("")
        .replaceAll("`?(?:[a-z]+\\.)+([A-Z][A-Za-z]*)(?:<[^>]*>)?`?", "$1");
  }

  /** A number where a text is wanted, say, in contrast to a text that is written wrong. */
  private static boolean isOfAnotherKind(JsonMappingException e) {
    return e.getOriginalMessage().startsWith("Cannot coerce");
  }

  private static String kind(Class<?> type) {
    if (Collection.class.isAssignableFrom(type)) {
      return "a list";
    }
    if (type == boolean.class || type == Boolean.class) {
      return "true or false";
    }
    if (type.isPrimitive() || Number.class.isAssignableFrom(type)) {
      return "a whole number";
    }
    return type == String.class || type.isEnum() ? "a text" : "an object";
  }

  private static String shape(Object value) {
    if (value instanceof Unreadable) {
      return value.toString();
    }
    if (value instanceof Map) {
      return "an object";
    }
    if (value instanceof List) {
      return "a list";
    }
    return value instanceof String ? "a text" : "'" + value + "'";
  }

  private static ObjectMapper mapper() {
    ObjectMapper mapper = JacksonJsonPayloadConverter.newDefaultObjectMapper();
    mapper.registerModule(
        new SimpleModule().addDeserializer(Duration.class, new DurationDeserializer()));
    // Jackson would read 5 as "5" and "x" as false; a person meant something else.
    for (CoercionInputShape number :
        List.of(CoercionInputShape.Integer, CoercionInputShape.Float, CoercionInputShape.Boolean)) {
      mapper.coercionConfigFor(LogicalType.Textual).setCoercion(number, CoercionAction.Fail);
    }
    for (LogicalType scalar : List.of(LogicalType.Boolean, LogicalType.Integer)) {
      mapper
          .coercionConfigFor(scalar)
          .setCoercion(CoercionInputShape.String, CoercionAction.Fail)
          .setCoercion(CoercionInputShape.EmptyString, CoercionAction.Fail);
    }
    mapper
        .coercionConfigFor(LogicalType.Boolean)
        .setCoercion(CoercionInputShape.Integer, CoercionAction.Fail);
    mapper
        .coercionConfigFor(LogicalType.Integer)
        .setCoercion(CoercionInputShape.Float, CoercionAction.Fail);
    return mapper;
  }

  /** Seconds, as our own clients send; or 90s, 30m, 24h, 7d; or PT6H. */
  private static final class DurationDeserializer extends StdDeserializer<Duration> {
    private static final long serialVersionUID = 1L;
    private static final Pattern SHORT = Pattern.compile("(\\d{1,9})([smhdSMHD])");

    DurationDeserializer() {
      super(Duration.class);
    }

    @Override
    public Duration deserialize(JsonParser parser, DeserializationContext context)
        throws IOException {
      if (parser.currentToken().isNumeric()) {
        return Duration.ofMillis(Math.round(parser.getDoubleValue() * 1000));
      }
      String text = parser.getValueAsString("");
      Matcher matcher = SHORT.matcher(text);
      try {
        return matcher.matches()
            ? Duration.parse(iso(matcher.group(1), matcher.group(2)))
            : Duration.parse(text);
      } catch (DateTimeParseException e) {
        throw context.weirdStringException(
            text, Duration.class, "a duration is written as 30m, 6h, 7d or PT6H");
      }
    }

    private static String iso(String amount, String unit) {
      return unit.equalsIgnoreCase("d") ? "P" + amount + "D" : "PT" + amount + unit;
    }
  }
}
