package io.stillpoint.sandbox.mongod.config;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonDouble;
import org.bson.BsonInt32;
import org.bson.BsonString;
import org.bson.BsonValue;

/** The part of YAML that configuration files use: nested maps by indentation, and scalars. */
final class SimpleYaml {
  private record Level(int indent, BsonDocument map) {}

  private SimpleYaml() {}

  static BsonDocument parse(List<String> lines) {
    BsonDocument root = new BsonDocument();
    Deque<Level> levels = new ArrayDeque<>();
    levels.push(new Level(-1, root));
    for (String line : lines) {
      String content = withoutComment(line);
      if (content.isBlank() || content.strip().equals("---")) {
        continue;
      }
      int indent = content.length() - content.stripLeading().length();
      int colon = content.indexOf(':');
      if (colon < 0) {
        throw new IllegalArgumentException("Error parsing YAML config file: " + line.strip());
      }
      while (levels.peek().indent() >= indent) {
        levels.pop();
      }
      String key = content.substring(0, colon).strip();
      String value = content.substring(colon + 1).strip();
      if (value.isEmpty()) {
        BsonDocument map = new BsonDocument();
        levels.peek().map().append(key, map);
        levels.push(new Level(indent, map));
      } else {
        levels.peek().map().append(key, scalar(value));
      }
    }
    return root;
  }

  private static String withoutComment(String line) {
    int hash = line.indexOf('#');
    boolean comment = hash == 0 || hash > 0 && Character.isWhitespace(line.charAt(hash - 1));
    return comment ? line.substring(0, hash) : line;
  }

  static BsonValue scalar(String text) {
    String value = text;
    boolean quoted =
        value.length() >= 2
            && (value.charAt(0) == '"' || value.charAt(0) == '\'')
            && value.charAt(0) == value.charAt(value.length() - 1);
    if (quoted) {
      return new BsonString(value.substring(1, value.length() - 1));
    }
    if (value.equals("true") || value.equals("false")) {
      return BsonBoolean.valueOf(value.equals("true"));
    }
    if (value.matches("-?\\d{1,9}")) {
      return new BsonInt32(Integer.parseInt(value));
    }
    if (value.matches("-?\\d+\\.\\d+")) {
      return new BsonDouble(Double.parseDouble(value));
    }
    return new BsonString(value);
  }
}
