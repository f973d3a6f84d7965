package io.stillpoint.worker.settings;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One section of the configuration. It remembers what was asked for, so that {@link #finish()} can
 * refuse every key that nobody asked for: a misspelt setting must never be ignored.
 *
 * <p>A single value may also come from the environment, under its path in capitals: {@code
 * stillpoint.node.snapshot-root} is {@code STILLPOINT_NODE_SNAPSHOT_ROOT}; the environment wins.
 */
final class SettingsReader {
  private static final Pattern DURATION = Pattern.compile("(\\d+)\\s*(ms|s|m|h|d)");

  private final String source;
  private final String path;
  private final Map<?, ?> values;
  private final Map<String, String> environment;
  private final Set<String> known = new TreeSet<>();

  SettingsReader(String source, String path, Map<?, ?> values, Map<String, String> environment) {
    this.source = source;
    this.path = path;
    this.values = values;
    this.environment = environment;
  }

  /** The value as text; absent when neither file nor environment has it. */
  Optional<String> text(String key) {
    known.add(key);
    String fromEnvironment = environment.get(environmentName(pathOf(key)));
    if (fromEnvironment != null && !fromEnvironment.isBlank()) {
      return Optional.of(fromEnvironment.strip());
    }
    Object value = values.get(key);
    if (value == null) {
      return Optional.empty();
    }
    if (value instanceof Map || value instanceof List) {
      throw invalid(key, "must be a single value");
    }
    return Optional.of(value.toString().strip()).filter(t -> !t.isEmpty());
  }

  String requiredText(String key) {
    return text(key).orElseThrow(() -> invalid(key, "is missing"));
  }

  /** A list, or a single value with commas. */
  List<String> texts(String key) {
    known.add(key);
    Object value = values.get(key);
    if (environment.get(environmentName(pathOf(key))) == null && value instanceof List<?> list) {
      return list.stream().map(v -> v.toString().strip()).toList();
    }
    return text(key).map(t -> List.of(t.split("\\s*,\\s*"))).orElse(List.of());
  }

  /** The words of a command. A text is not split: quoting would be guesswork. */
  List<String> words(String key) {
    known.add(key);
    Object value = values.get(key);
    if (value == null) {
      return List.of();
    }
    if (!(value instanceof List<?> list)) {
      throw invalid(key, "must be a list of words, such as [systemctl, start, mongod]");
    }
    return list.stream().map(Object::toString).toList();
  }

  /** As {@link #duration(String, Duration)}, absent without a value. */
  Optional<Duration> duration(String key) {
    return text(key).map(text -> duration(key, Duration.ZERO));
  }

  /** All values of a section whose keys are freely chosen. */
  Map<String, String> pairs() {
    Map<String, String> pairs = new LinkedHashMap<>();
    values.forEach((key, value) -> pairs.put(key.toString(), requiredText(key.toString())));
    return pairs;
  }

  int integer(String key, int fallback, int min, int max) {
    String range = "must be a whole number from %d to %d".formatted(min, max);
    return parsed(
        key,
        fallback,
        range,
        t -> {
          int number = Integer.parseInt(t);
          if (number < min || number > max) {
            throw new IllegalArgumentException();
          }
          return number;
        });
  }

  /** False where it is not given. */
  boolean flag(String key) {
    return parsed(
        key,
        false,
        "must be true or false",
        t -> {
          if (!t.equals("true") && !t.equals("false")) {
            throw new IllegalArgumentException();
          }
          return t.equals("true");
        });
  }

  /** Such as 250ms, 15s, 5m, 24h, 7d or ISO-8601; more than zero. */
  Duration duration(String key, Duration fallback) {
    return parsed(key, fallback, "must be a duration such as 15s, 5m or 24h", this::parseDuration);
  }

  SettingsReader section(String key) {
    known.add(key);
    Object value = values.get(key);
    if (value == null) {
      return child(pathOf(key), Map.of());
    }
    return child(pathOf(key), asMap(key, value));
  }

  boolean has(String key) {
    return values.containsKey(key)
        || environment.keySet().stream().anyMatch(e -> e.startsWith(environmentName(pathOf(key))));
  }

  /**
   * The sections under freely chosen names, in the order of the file. A section that the file lacks
   * exists if the environment has one of the {@code keys}: its name is then in lower case.
   */
  Map<String, SettingsReader> named(String section, String... keys) {
    Map<String, SettingsReader> sections = new LinkedHashMap<>();
    SettingsReader parent = section(section);
    for (Map.Entry<?, ?> entry : parent.values.entrySet()) {
      String name = entry.getKey().toString();
      sections.put(name, child(parent.pathOf(name), parent.asMap(name, entry.getValue())));
    }
    Set<String> inFile = new TreeSet<>();
    sections.keySet().forEach(name -> inFile.add(environmentName(name)));
    for (String name : namesInEnvironment(parent, keys)) {
      if (inFile.add(name)) {
        String lower = name.toLowerCase(Locale.ROOT);
        sections.put(lower, child(parent.pathOf(lower), Map.of()));
      }
    }
    return sections;
  }

  private Set<String> namesInEnvironment(SettingsReader parent, String... keys) {
    Set<String> names = new TreeSet<>();
    for (String key : keys) {
      Pattern variable =
          Pattern.compile(
              "%s_([A-Z0-9_]+)_%s".formatted(environmentName(parent.path), environmentName(key)));
      environment.keySet().stream()
          .map(variable::matcher)
          .filter(Matcher::matches)
          .map(m -> m.group(1))
          .forEach(names::add);
    }
    return names;
  }

  List<SettingsReader> list(String key) {
    known.add(key);
    Object value = values.get(key);
    if (value == null) {
      return List.of();
    }
    if (!(value instanceof List<?> list)) {
      throw invalid(key, "must be a list of sections");
    }
    List<SettingsReader> sections = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      String item = "%s[%d]".formatted(key, i);
      sections.add(child(pathOf(item), asMap(item, list.get(i))));
    }
    return sections;
  }

  /** Refuses the keys of this section that were never asked for. */
  void finish() {
    for (Object key : values.keySet()) {
      if (!known.contains(key.toString())) {
        throw new StillpointException(
            ErrorCode.CONFIGURATION_INVALID,
            "%s: %s is not a known key".formatted(source, pathOf(key.toString())),
            "known here: %s".formatted(String.join(", ", known)));
      }
    }
  }

  StillpointException invalid(String key, String problem) {
    return new StillpointException(
        ErrorCode.CONFIGURATION_INVALID,
        "%s: %s %s".formatted(source, pathOf(key), problem),
        "correct it there, or set %s in the environment".formatted(environmentName(pathOf(key))));
  }

  private <T> T parsed(String key, T fallback, String rule, Function<String, T> parser) {
    Optional<String> text = text(key);
    if (text.isEmpty()) {
      return fallback;
    }
    try {
      return parser.apply(text.get());
    } catch (IllegalArgumentException | DateTimeParseException e) {
      throw invalid(key, "is '%s', but %s".formatted(text.get(), rule));
    }
  }

  private Duration parseDuration(String text) {
    Matcher matcher = DURATION.matcher(text.toLowerCase(Locale.ROOT));
    Duration duration = Duration.ZERO;
    if (matcher.matches()) {
      long amount = Long.parseLong(matcher.group(1));
      duration =
          switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(amount);
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            case "h" -> Duration.ofHours(amount);
            default -> Duration.ofDays(amount);
          };
    } else {
      duration = Duration.parse(text);
    }
    if (duration.isZero() || duration.isNegative()) {
      throw new IllegalArgumentException();
    }
    return duration;
  }

  private Map<?, ?> asMap(String key, Object value) {
    if (value instanceof Map<?, ?> map) {
      return map;
    }
    throw invalid(key, "must be a section");
  }

  private SettingsReader child(String childPath, Map<?, ?> childValues) {
    return new SettingsReader(source, childPath, childValues, environment);
  }

  private String pathOf(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  private static String environmentName(String path) {
    return path.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]+", "_");
  }
}
