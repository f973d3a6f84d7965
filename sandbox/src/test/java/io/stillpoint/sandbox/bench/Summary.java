package io.stillpoint.sandbox.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * {@code summary.json} and the table, written anew after every figure: what was measured before a
 * failure is kept.
 */
final class Summary {

  /** Raised when a field changes its meaning. */
  private static final int FORMAT = 1;

  private final ObjectMapper mapper = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
  private final Path directory;
  private final Map<String, String> environment;
  private final List<Figure> figures = new ArrayList<>();
  private final Map<String, String> skipped = new TreeMap<>();
  private final Map<String, String> failed = new TreeMap<>();

  Summary(Path directory, Map<String, String> environment) {
    this.directory = directory;
    this.environment = new TreeMap<>(environment);
  }

  /** Something of the environment that is only known now. */
  void note(String key, String value) throws IOException {
    environment.put(key, value);
    write();
  }

  void add(Figure figure) throws IOException {
    figures.add(figure);
    System.out.println(row(figure));
    write();
  }

  void skip(String key, String why) throws IOException {
    skipped.put(key, why);
    System.out.println("%-38s skipped: %s".formatted(key, why));
    write();
  }

  void fail(String key, String why) throws IOException {
    failed.put(key, why);
    System.out.println("%-38s FAILED: %s".formatted(key, why));
    write();
  }

  boolean isComplete() {
    return failed.isEmpty();
  }

  Optional<Figure> find(String key) {
    return figures.stream().filter(f -> f.key().equals(key)).findFirst();
  }

  private void write() throws IOException {
    Files.createDirectories(directory);
    mapper.writeValue(directory.resolve("summary.json").toFile(), json());
    Files.writeString(directory.resolve("table.txt"), table());
  }

  private ObjectNode json() {
    ObjectNode root = mapper.createObjectNode();
    root.put("format", FORMAT);
    root.set("environment", mapper.valueToTree(environment));
    ArrayNode list = root.putArray("figures");
    for (Figure figure : figures) {
      ObjectNode node = list.addObject();
      node.put("key", figure.key());
      node.put("unit", figure.unit());
      node.put("median", figure.median());
      node.put("spread", figure.spread());
      node.set("runs", mapper.valueToTree(figure.runs()));
      figure.baseline().ifPresent(b -> node.put("baseline", b));
      figure.ratio().ifPresent(r -> node.put("ratio", r));
      figure.bar().ifPresent(b -> node.put("bar", b.toString()));
      figure.met().ifPresent(m -> node.put("met", m));
    }
    root.set("skipped", mapper.valueToTree(skipped));
    root.set("failed", mapper.valueToTree(failed));
    return root;
  }

  String table() {
    StringBuilder text = new StringBuilder();
    environment.forEach((k, v) -> text.append("%s: %s%n".formatted(k, v)));
    text.append(
        "%n%-38s %10s %10s %-8s %10s %7s  %-14s %s%n"
            .formatted("figure", "median", "spread", "unit", "baseline", "ratio", "bar", "met"));
    figures.forEach(f -> text.append(row(f)).append('\n'));
    skipped.forEach((k, v) -> text.append("%-38s skipped: %s%n".formatted(k, v)));
    failed.forEach((k, v) -> text.append("%-38s FAILED: %s%n".formatted(k, v)));
    return text.toString();
  }

  private static String row(Figure f) {
    return "%-38s %10s %10s %-8s %10s %7s  %-14s %s"
        .formatted(
            f.key(),
            Figure.text(f.median()),
            Figure.text(f.spread()),
            f.unit(),
            f.baseline().map(Figure::text).orElse(""),
            f.ratio().map(Figure::text).orElse(""),
            f.bar().map(Bar::toString).orElse(""),
            f.met().map(m -> m ? "yes" : "NO").orElse(""))
        .stripTrailing();
  }
}
