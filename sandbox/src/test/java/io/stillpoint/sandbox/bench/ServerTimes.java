package io.stillpoint.sandbox.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** When a server starts and ends, as it wrote itself. */
final class ServerTimes {

  private static final int STARTING = 4615611;
  private static final int WAITING_FOR_CONNECTIONS = 23016;

  /** From 4.4 on the steps of a shutdown have ids of this range. */
  private static final int FIRST_OF_SHUTDOWN = 4784900;

  private static final int LAST_OF_SHUTDOWN = 4784999;
  private static final int SHUTTING_DOWN = 23138;

  private ServerTimes() {}

  private record Entry(int id, double at) {}

  /**
   * The start of the temporary server that wrote the whole log, from the first line until it waits
   * for connections, and its clean end.
   */
  static List<Span> startAndStop(Path log) throws IOException {
    List<Entry> entries = entries(log);
    double ending =
        entries.stream()
            .filter(e -> isShutdown(e.id()))
            .mapToDouble(Entry::at)
            .findFirst()
            .orElseThrow(() -> new IOException(log + " tells no end"));
    double last = entries.get(entries.size() - 1).at();
    return List.of(start(log, entries), new Span(ending, last));
  }

  /**
   * The last start in the log of a server that runs: until it waits for connections. A shard that
   * finds no config server yet waits for that first.
   */
  static Span lastStart(Path log) throws IOException {
    List<Entry> entries = entries(log);
    int from =
        IntStream.range(0, entries.size())
            .filter(i -> entries.get(i).id() == STARTING)
            .max()
            .orElseThrow(() -> new IOException(log + " tells no start"));
    return start(log, entries.subList(from, entries.size()));
  }

  private static Span start(Path log, List<Entry> entries) throws IOException {
    double serving =
        entries.stream()
            .filter(e -> e.id() == WAITING_FOR_CONNECTIONS)
            .mapToDouble(Entry::at)
            .findFirst()
            .orElseThrow(() -> new IOException(log + " tells no whole start"));
    return new Span(entries.get(0).at(), serving);
  }

  private static List<Entry> entries(Path log) throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    List<Entry> entries = new ArrayList<>();
    for (String line : Files.readAllLines(log)) {
      JsonNode entry = mapper.readTree(line);
      // Real servers separate their starts by an empty line.
      if (entry.has("t")) {
        entries.add(new Entry(entry.path("id").asInt(), seconds(entry)));
      }
    }
    return entries;
  }

  private static boolean isShutdown(int id) {
    return id == SHUTTING_DOWN || id >= FIRST_OF_SHUTDOWN && id <= LAST_OF_SHUTDOWN;
  }

  private static double seconds(JsonNode entry) {
    Instant at = OffsetDateTime.parse(entry.path("t").path("$date").asText()).toInstant();
    return at.toEpochMilli() / 1e3;
  }
}
