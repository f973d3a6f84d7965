package io.stillpoint.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.stillpoint.cli.CommandRunner.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every field that a command writes is in docs/json.md, and the other way round. */
class JsonShapesTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path PAGE = Path.of("..", "docs", "json.md");
  private static CommandRunner cli;

  @BeforeAll
  static void start() {
    cli = CommandRunner.withWorker();
  }

  @AfterAll
  static void stop() {
    cli.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "list",
        "describe-backup good",
        "status",
        "backup --cluster shop --name shape --wait",
        "backup --cluster shop --name shape-started",
        "restore good --name shape-plan --dry-run",
        "prune --cluster shop --keep-last 1 --dry-run",
        "delete-backup good --yes",
        "describe-backup bad"
      })
  void shouldWriteWhatIsDocumented(String command) throws IOException {
    Run run = cli.run((command + " --output json").split(" "));
    String written =
        run.out().isBlank()
            ? run.err().lines().reduce((first, last) -> last).orElseThrow()
            : run.out();
    JsonNode actual = shortened(JSON.readTree(written));
    if (Boolean.getBoolean("stillpoint.golden.write")) {
      write(command, actual);
    }

    assertThat(paths(actual, ""))
        .as("write it with -Dstillpoint.golden.write=true")
        .isEqualTo(paths(JSON.readTree(documented(command)), ""));
  }

  private static String documented(String command) throws IOException {
    Matcher block = block(command).matcher(Files.readString(PAGE));
    assertThat(block.find()).as("%s has a section for: %s", PAGE, command).isTrue();
    return block.group(2);
  }

  private static void write(String command, JsonNode actual) throws IOException {
    String json = JSON.writerWithDefaultPrettyPrinter().writeValueAsString(actual);
    Matcher block = block(command).matcher(Files.readString(PAGE));
    Files.writeString(
        PAGE, block.replaceFirst("$1" + Matcher.quoteReplacement(json + "\n") + "$3"));
  }

  private static Pattern block(String command) {
    return Pattern.compile(
        "(`stillpoint %s`[^`]*```json\n)(.*?)(```)".formatted(Pattern.quote(command)),
        Pattern.DOTALL);
  }

  /** One element of each list says what all are like. */
  private static JsonNode shortened(JsonNode node) {
    node.forEach(JsonShapesTest::shortened);
    if (node instanceof ArrayNode list) {
      while (list.size() > 1) {
        list.remove(list.size() - 1);
      }
    }
    return node;
  }

  private static Set<String> paths(JsonNode node, String at) {
    Set<String> paths = new TreeSet<>(Set.of(at));
    if (node.isArray()) {
      node.forEach(item -> paths.addAll(paths(item, at + "[]")));
    }
    node.properties().forEach(f -> paths.addAll(paths(f.getValue(), at + "." + f.getKey())));
    return paths;
  }
}
