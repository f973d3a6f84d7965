package io.stillpoint.sandbox.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;

/** What the temporary mongod of a recovery wrote. */
final class RecoveryLog {

  private static final int WAITING_FOR_CONNECTIONS = 23016;

  /** From 4.4 on the steps of a shutdown have ids of this range. */
  private static final int FIRST_OF_SHUTDOWN = 4784900;

  private static final int LAST_OF_SHUTDOWN = 4784999;
  private static final int SHUTTING_DOWN = 23138;

  private RecoveryLog() {}

  /** Its start, from the first line until it waits for connections, and its clean end. */
  static List<Span> startAndStop(Path log) throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    double first = 0;
    double serving = 0;
    double ending = 0;
    double last = 0;
    for (String line : Files.readAllLines(log)) {
      JsonNode entry = mapper.readTree(line);
      if (!entry.has("t")) {
        // Real servers separate their starts by an empty line.
        continue;
      }
      int id = entry.path("id").asInt();
      last = seconds(entry);
      first = first == 0 ? last : first;
      if (serving == 0 && id == WAITING_FOR_CONNECTIONS) {
        serving = last;
      }
      if (ending == 0 && isShutdown(id)) {
        ending = last;
      }
    }
    if (serving == 0 || ending == 0) {
      throw new IOException(log + " tells no start and no end");
    }
    return List.of(new Span(first, serving), new Span(ending, last));
  }

  private static boolean isShutdown(int id) {
    return id == SHUTTING_DOWN || id >= FIRST_OF_SHUTDOWN && id <= LAST_OF_SHUTDOWN;
  }

  private static double seconds(JsonNode entry) {
    Instant at = OffsetDateTime.parse(entry.path("t").path("$date").asText()).toInstant();
    return at.toEpochMilli() / 1e3;
  }
}
