package io.stillpoint.sandbox.mongod;

import java.io.PrintStream;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonString;
import org.bson.BsonTimestamp;
import org.bson.BsonValue;
import org.bson.json.JsonMode;
import org.bson.json.JsonWriterSettings;

/** Structured JSON log in the shape that mongod 4.4 and later write, one document a line. */
public final class ServerLog {
  private static final int KEPT_LINES = 1024;
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSxxx");
  private static final JsonWriterSettings JSON =
      JsonWriterSettings.builder().outputMode(JsonMode.RELAXED).build();

  private final PrintStream out;
  private final Deque<String> recent = new ArrayDeque<>();

  public ServerLog(PrintStream out) {
    this.out = out;
  }

  public void info(String component, int id, String message, Object... attributes) {
    write("I", component, id, message, attributes);
  }

  public void warning(String component, int id, String message, Object... attributes) {
    write("W", component, id, message, attributes);
  }

  public void error(String component, int id, String message, Object... attributes) {
    write("E", component, id, message, attributes);
  }

  public void fatal(String component, int id, String message, Object... attributes) {
    write("F", component, id, message, attributes);
  }

  /** A WiredTiger error as mongod logs it: id 22435 with the engine's error number. */
  public void storageError(int error, String message) {
    error("STORAGE", 22435, "WiredTiger error", "error", error, "message", message);
  }

  /** The newest lines, oldest first, for the {@code getLog} command. */
  public List<String> recent() {
    synchronized (recent) {
      return new ArrayList<>(recent);
    }
  }

  private void write(
      String severity, String component, int id, String message, Object[] attributes) {
    BsonDocument line =
        new BsonDocument(
                "t",
                new BsonDocument(
                    "$date", new BsonString(TIME.format(OffsetDateTime.now(ZoneOffset.UTC)))))
            .append("s", new BsonString(severity))
            .append("c", new BsonString(component))
            .append("id", new BsonInt32(id))
            .append("ctx", new BsonString(Thread.currentThread().getName()))
            .append("msg", new BsonString(message));
    if (attributes.length > 0) {
      BsonDocument attr = new BsonDocument();
      for (int i = 0; i + 1 < attributes.length; i += 2) {
        attr.append((String) attributes[i], value(attributes[i + 1]));
      }
      line.append("attr", attr);
    }
    String json = line.toJson(JSON);
    synchronized (recent) {
      recent.addLast(json);
      if (recent.size() > KEPT_LINES) {
        recent.removeFirst();
      }
      out.println(json);
    }
  }

  private static BsonValue value(Object value) {
    if (value instanceof BsonTimestamp t) {
      // The JSON writer of this BSON library would print it as {"$timestamp": ...} too.
      return t;
    }
    if (value instanceof BsonValue bson) {
      return bson;
    }
    if (value instanceof Integer i) {
      return new BsonInt32(i);
    }
    if (value instanceof Long l) {
      return new BsonInt64(l);
    }
    return new BsonString(String.valueOf(value));
  }
}
