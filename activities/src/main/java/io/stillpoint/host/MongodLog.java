package io.stillpoint.host;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.ClusterTime;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The structured log that servers from 4.4 on write: one JSON document in each line. */
final class MongodLog {

  /** WiredTiger recoveryTimestamp. */
  static final int RECOVERY_TIMESTAMP = 23987;

  /** Removing unapplied oplog entries after oplogTruncateAfterPoint. */
  static final int TRUNCATING = 21557;

  /** The truncation point is not after the stable timestamp: truncated there instead. */
  static final int TRUNCATING_ELSEWHERE = 21556;

  /** The backup's metadata was deleted in favour of the newest checkpoint. */
  static final int BACKUP_METADATA_DELETED = 5844600;

  /** The oplog was replayed by a standalone, which is read-only from then on. */
  static final int REPLAYED_AS_STANDALONE = 21558;

  /** A shard that cannot reach its config server does not listen, and says so again and again. */
  static final int WAITING_FOR_CONFIG_SERVER = 23834;

  private static final int SERVER_RESTARTED = 20698;
  private static final int STARTING = 4615611;

  private static final Set<Integer> OF_INTEREST =
      Set.of(
          RECOVERY_TIMESTAMP,
          TRUNCATING,
          TRUNCATING_ELSEWHERE,
          BACKUP_METADATA_DELETED,
          REPLAYED_AS_STANDALONE,
          WAITING_FOR_CONFIG_SERVER,
          SERVER_RESTARTED,
          STARTING);

  private static final String DISK_FULL = "No space left on device";
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final int LAST_LINES = 3;
  private static final int MOST_OF_A_LINE = 240;

  private static final DateTimeFormatter TIME =
      new DateTimeFormatterBuilder()
          .append(DateTimeFormatter.ISO_LOCAL_DATE_TIME)
          .appendPattern("[XXX][XX][X]")
          .toFormatter();

  /** One line that says something about a start. */
  record Line(Instant time, int id, JsonNode attributes) {

    /**
     * A timestamp attribute, in every form that servers write: {@code
     * {"$timestamp":{"t":1,"i":2}}}, the same below an empty key, bare, or as text.
     */
    Optional<ClusterTime> timestamp(String name) {
      JsonNode value = attributes.path(name);
      JsonNode nested = value.findValue("$timestamp");
      JsonNode stamp = nested == null ? value : nested;
      if (stamp.has("t") && stamp.has("i")) {
        return Optional.of(new ClusterTime(stamp.path("t").asLong(), stamp.path("i").asLong()));
      }
      String digits = value.asText().replaceAll("[^0-9,]", "");
      return digits.matches("\\d+,\\d+")
          ? Optional.of(ClusterTime.parse(digits))
          : Optional.empty();
    }
  }

  private final Path file;

  MongodLog(Path file) {
    this.file = file;
  }

  Path file() {
    return file;
  }

  /** Length now, to look only at what is written from here on. */
  long length() throws IOException {
    return Files.exists(file) ? Files.size(file) : 0;
  }

  /** Whether a line of this kind was written beyond the length; from the start if rotated since. */
  boolean saysBeyond(long length, int id) throws IOException {
    if (!Files.exists(file)) {
      return false;
    }
    try (FileChannel channel = FileChannel.open(file)) {
      channel.position(channel.size() < length ? 0 : length);
      BufferedReader reader = new BufferedReader(Channels.newReader(channel, decoder(), -1));
      return reader
          .lines()
          .anyMatch(text -> mayBe(text, id) && parse(text).filter(l -> l.id() == id).isPresent());
    }
  }

  /** Lines of interest that were written at or after the time, rotated files included. */
  List<Line> since(Instant from) throws IOException {
    List<Line> lines = new ArrayList<>();
    for (Path part : parts(from)) {
      lines(part, 0).stream().filter(line -> !line.time().isBefore(from)).forEach(lines::add);
    }
    return lines;
  }

  /** The lines of interest of one file beyond the length. */
  private static List<Line> lines(Path part, long length) throws IOException {
    List<Line> lines = new ArrayList<>();
    try (FileChannel channel = FileChannel.open(part)) {
      channel.position(length);
      BufferedReader reader = new BufferedReader(Channels.newReader(channel, decoder(), -1));
      for (String text = reader.readLine(); text != null; text = reader.readLine()) {
        String candidate = text;
        // Logs are long: only lines that can be of interest are worth parsing.
        if (OF_INTEREST.stream().anyMatch(id -> mayBe(candidate, id))) {
          parse(text).filter(line -> OF_INTEREST.contains(line.id())).ifPresent(lines::add);
        }
      }
    }
    return lines;
  }

  /** How far it is written now. */
  LogMark mark() throws IOException {
    return new LogMark(
        Files.exists(file) ? identity(file) : "",
        length(),
        rotated().stream().map(p -> p.getFileName().toString()).toList());
  }

  /** The lines of interest of each start since the time. */
  List<List<Line>> starts(Instant from) throws IOException {
    return starts(since(from));
  }

  /** The lines of interest of each start that was written about after the mark. */
  List<List<Line>> starts(LogMark from) throws IOException {
    List<Path> parts = new ArrayList<>(rotated());
    parts.removeIf(p -> from.rotated().contains(p.getFileName().toString()));
    if (Files.exists(file)) {
      parts.add(file);
    }
    List<Line> lines = new ArrayList<>();
    for (Path part : parts) {
      boolean marked = identity(part).equals(from.file()) && Files.size(part) >= from.length();
      List<Line> own = lines(part, marked ? from.length() : 0);
      // The one that was marked is the oldest, whatever time its name tells.
      lines.addAll(marked ? 0 : lines.size(), own);
    }
    return starts(lines);
  }

  private static List<List<Line>> starts(List<Line> lines) {
    List<List<Line>> starts = new ArrayList<>();
    List<Line> current = new ArrayList<>();
    boolean begun = false;
    for (Line line : lines) {
      if (line.id() == SERVER_RESTARTED || line.id() == STARTING && begun) {
        if (!current.isEmpty()) {
          starts.add(current);
        }
        current = new ArrayList<>();
      }
      begun = line.id() != SERVER_RESTARTED;
      current.add(line);
    }
    if (!current.isEmpty()) {
      starts.add(current);
    }
    return starts;
  }

  /** What the newest start says last of severity E or F, or else just says last; for a message. */
  String lastWords() {
    if (!Files.isReadable(file)) {
      return "there is no log at " + file;
    }
    try {
      return lastLines().stream().map(MongodLog::brief).collect(Collectors.joining(" | "));
    } catch (IOException e) {
      return "log %s cannot be read: %s".formatted(file, e);
    }
  }

  /** Whether the newest start ended for want of space, by its last words. */
  boolean saysDiskFull() {
    try {
      return Files.isReadable(file)
          && lastLines().stream().anyMatch(line -> line.contains(DISK_FULL));
    } catch (IOException e) {
      // Then nobody can say, and what its reader reports is that.
      return false;
    }
  }

  private List<String> lastLines() throws IOException {
    List<String> severe = new ArrayList<>();
    List<String> all = new ArrayList<>();
    try (BufferedReader reader = open(file)) {
      for (String text = reader.readLine(); text != null; text = reader.readLine()) {
        if (mayBe(text, STARTING)) {
          severe.clear();
        }
        remember(all, text);
        if (text.contains("\"s\":\"E\"") || text.contains("\"s\":\"F\"")) {
          remember(severe, text);
        }
      }
    }
    return severe.isEmpty() ? all : severe;
  }

  /**
   * Of a server that did not start, or ended soon after it.
   *
   * @param what the server, in words, and what became of it
   * @param hint for anything but a full disk
   */
  StillpointException notStarted(String what, String hint) {
    String message = "%s; its log says: %s".formatted(what, lastWords());
    return saysDiskFull()
        ? new StillpointException(
            ErrorCode.DISK_FULL, message, "free space on the file system that the log names")
        : new StillpointException(ErrorCode.MONGOD_NOT_STARTED, message, hint);
  }

  private static void remember(List<String> lines, String text) {
    lines.add(text);
    if (lines.size() > LAST_LINES) {
      lines.remove(0);
    }
  }

  /** Its message and attributes, without what every line has; the whole is in the log. */
  private static String brief(String text) {
    String brief = text;
    try {
      JsonNode node = MAPPER.readTree(text);
      if (node.hasNonNull("msg")) {
        brief = "%s %s %s".formatted(node.path("id"), node.path("msg").asText(), node.path("attr"));
      }
    } catch (JsonProcessingException e) {
      // A wrapper's own line, or half of one.
    }
    return brief.length() > MOST_OF_A_LINE ? brief.substring(0, MOST_OF_A_LINE) + "..." : brief;
  }

  private List<Path> parts(Instant from) throws IOException {
    List<Path> parts = new ArrayList<>();
    for (Path part : rotated()) {
      if (!Files.getLastModifiedTime(part).toInstant().isBefore(from)) {
        parts.add(part);
      }
    }
    if (Files.exists(file)) {
      parts.add(file);
    }
    return parts;
  }

  /** A server without logAppend renames its log at every start: mongod.log.2026-11-22T10-15-00. */
  private List<Path> rotated() throws IOException {
    String name = file.getFileName().toString();
    Path directory = file.toAbsolutePath().getParent();
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> siblings = Files.list(directory)) {
      return siblings
          .filter(s -> s.getFileName().toString().startsWith(name + "."))
          .sorted()
          .toList();
    }
  }

  private static String identity(Path part) throws IOException {
    return String.valueOf(Files.readAttributes(part, BasicFileAttributes.class).fileKey());
  }

  private static BufferedReader open(Path part) throws IOException {
    return new BufferedReader(new InputStreamReader(Files.newInputStream(part), decoder()));
  }

  /** A log may hold any bytes that a client sent. */
  private static CharsetDecoder decoder() {
    return StandardCharsets.UTF_8
        .newDecoder()
        .onMalformedInput(CodingErrorAction.REPLACE)
        .onUnmappableCharacter(CodingErrorAction.REPLACE);
  }

  private static boolean mayBe(String text, int id) {
    return text.contains("\"id\":" + id) || text.contains("\"id\": " + id);
  }

  /** Empty for lines that are not the server's own, such as those of a wrapper script. */
  private static Optional<Line> parse(String text) {
    if (!text.startsWith("{")) {
      return Optional.empty();
    }
    try {
      JsonNode node = MAPPER.readTree(text);
      Instant time = OffsetDateTime.parse(node.path("t").path("$date").asText(), TIME).toInstant();
      return Optional.of(new Line(time, node.path("id").asInt(), node.path("attr")));
    } catch (JsonProcessingException | DateTimeParseException e) {
      // The last line may be half written.
      return Optional.empty();
    }
  }
}
