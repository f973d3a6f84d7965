package io.stillpoint.sandbox.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The published schema, as strict as a test must be: it also has to describe every field. */
final class ManifestSchema {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final JsonNode text;
  private final JsonSchema schema;

  private ManifestSchema(JsonNode text) {
    this.text = text;
    this.schema = JsonSchemaFactory.getInstance(VersionFlag.V202012).getSchema(text);
  }

  static ManifestSchema published() {
    try {
      Path file = Path.of("..", "docs", "schema", "manifest.schema.json");
      return new ManifestSchema(JSON.readTree(Files.readString(file)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void assertValid(String manifest) {
    JsonNode tree = parse(manifest);
    assertThat(schema.validate(tree)).isEmpty();
    assertDescribed(tree, text, "manifest");
  }

  void assertInvalid(String manifest, String part) {
    assertThat(schema.validate(parse(manifest)))
        .anyMatch(problem -> problem.getMessage().contains(part));
  }

  private void assertDescribed(JsonNode node, JsonNode described, String where) {
    JsonNode at =
        described.has("$ref") ? text.at(described.get("$ref").asText().substring(1)) : described;
    if (node.isArray()) {
      node.forEach(item -> assertDescribed(item, at.path("items"), where + "[]"));
    } else if (node.isObject() && !at.has("additionalProperties")) {
      node.properties()
          .forEach(
              field -> {
                String name = where + "." + field.getKey();
                assertThat(at.path("properties").has(field.getKey())).as(name).isTrue();
                assertDescribed(field.getValue(), at.path("properties").get(field.getKey()), name);
              });
    }
  }

  private static JsonNode parse(String manifest) {
    try {
      return JSON.readTree(manifest);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}
