package io.stillpoint.catalog;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/**
 * JSON that people can read and nobody can change unnoticed: {@code {"sha256": …, "content": …}}.
 * The digest is that of the content written compactly with sorted keys, so white space may change
 * and nothing else.
 */
public final class ChecksummedJson {

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .addModule(new Jdk8Module())
          .addModule(new JavaTimeModule())
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
          .build();

  private ChecksummedJson() {}

  /** The text is not JSON, or not what was written. */
  public static final class DamagedException extends Exception {
    private static final long serialVersionUID = 1L;

    public DamagedException(String message) {
      super(message);
    }
  }

  public static byte[] write(Object content) {
    JsonNode tree = MAPPER.valueToTree(content);
    ObjectNode envelope = MAPPER.createObjectNode();
    envelope.put("sha256", digest(tree));
    envelope.set("content", tree);
    try {
      return (MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(envelope) + "\n")
          .getBytes(StandardCharsets.UTF_8);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("records always become JSON", e);
    }
  }

  /** The content as a tree, whether or not the digest fits; for readers that check more first. */
  public static JsonNode parse(byte[] bytes) throws DamagedException {
    try {
      JsonNode content = MAPPER.readTree(bytes).path("content");
      if (!content.isObject()) {
        throw new DamagedException("it has no content");
      }
      return content;
    } catch (IOException e) {
      throw new DamagedException("it is not JSON (%d bytes)".formatted(bytes.length));
    }
  }

  public static <T> T read(byte[] bytes, Class<T> type) throws DamagedException {
    JsonNode content = parse(bytes);
    try {
      String recorded = MAPPER.readTree(bytes).path("sha256").asText();
      String actual = digest(content);
      if (!actual.equals(recorded)) {
        throw new DamagedException(
            "its content has sha256 %s, recorded is %s".formatted(actual, recorded));
      }
      return MAPPER.treeToValue(content, type);
    } catch (IOException | IllegalArgumentException e) {
      throw new DamagedException("it is not a %s".formatted(type.getSimpleName()));
    }
  }

  private static String digest(JsonNode tree) {
    try {
      byte[] canonical = MAPPER.writeValueAsBytes(sorted(tree));
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(canonical));
    } catch (JsonProcessingException | NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256, every tree can be written", e);
    }
  }

  private static JsonNode sorted(JsonNode node) {
    if (node.isObject()) {
      Map<String, JsonNode> fields = new TreeMap<>();
      node.properties().forEach(f -> fields.put(f.getKey(), sorted(f.getValue())));
      ObjectNode result = MAPPER.createObjectNode();
      result.setAll(fields);
      return result;
    }
    if (node.isArray()) {
      var result = MAPPER.createArrayNode();
      node.forEach(element -> result.add(sorted(element)));
      return result;
    }
    return node;
  }
}
