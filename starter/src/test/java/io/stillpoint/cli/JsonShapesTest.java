package io.stillpoint.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.stillpoint.cli.CommandRunner.Run;
import io.stillpoint.client.CopyProgress;
import io.stillpoint.client.ScheduleState;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
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
    for (String running : new String[] {"shape-manual", "shape-unwanted", "shape-running"}) {
      cli.run("backup", "--cluster", "shop", "--type", "manual", "--name", running);
    }
    cli.run("backup", "--cluster", "shop", "--name", "shape-watched", "--wait");
    cli.run("restore", "good", "--name", "shape-described", "--yes", "--wait");
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
        "describe-backup failed",
        "describe-backup shape-manual",
        "describe-backup good --list-files",
        "status",
        "backup --cluster shop --name shape --wait",
        "backup --cluster shop --name shape-started",
        "backup --cluster shop --name shape-planned --dry-run",
        "backup-finish shape-manual",
        "watch shape-watched",
        "restore good --name shape-plan --dry-run",
        "restore good --name shape-restored --yes --wait",
        "restore good --name shape-restoring --yes",
        "describe-restore shape-described",
        "cancel shape-unwanted",
        "prune --cluster shop --keep-last 1 --dry-run",
        "prune --cluster shop --orphans",
        "delete-backup good --yes",
        "catalog rebuild --cluster shop --dry-run",
        "check --cluster shop",
        "recover --cluster shop",
        "role",
        "errors CURSOR_LOST",
        "errors",
        "version",
        "describe-backup bad"
      })
  void shouldWriteWhatIsDocumented(String command) throws IOException {
    Run run = cli.run((command + " --output json").split(" "));
    String written =
        run.out().isBlank()
            ? run.err().lines().reduce((first, last) -> last).orElseThrow()
            : run.out();
    requireSame(command, written);
  }

  /** The in-memory server has no schedules, so what the commands would write is made by hand. */
  @Test
  void shouldWriteSchedulesAsDocumented() throws IOException {
    Instant start = Instant.parse("2026-11-23T02:00:00Z");
    ScheduleState state =
        new ScheduleState(
            "nightly",
            "shop",
            "cron 0 2 * * * (UTC)",
            false,
            "",
            start.minusSeconds(200_000),
            List.of(start.plusSeconds(86_400)),
            List.of(
                new ScheduleState.Start(start, "backup/shop-2026-11-23T02:00:00Z", "COMPLETED")),
            2,
            0,
            0,
            new ScheduleState.Rules("Skip", Duration.ofHours(1), Duration.ofMinutes(1), ""));

    requireSame("schedule describe nightly", Json.document(state));
    requireSame("schedule list", Json.document(List.of(state)));
  }

  /** What the live display writes to standard error, one line for each change. */
  @Test
  void shouldWriteProgressAsDocumented() throws IOException {
    Progress progress =
        new Progress(
            "backup shop-20261122T101500Z",
            "COPYING",
            List.of(
                new Progress.Item(
                    "rs0 db1:27017",
                    "copying",
                    Optional.of(
                        new CopyProgress(
                            1, 1 << 20, 3 << 20, 12, 900, false, "", Duration.ofSeconds(30))),
                    "")),
            List.of("a note"),
            List.of("what fails now, and is tried again"));
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    JsonDisplay display = new JsonDisplay(new PrintStream(err, true, StandardCharsets.UTF_8));
    display.show(progress);

    requireSame("watch NAME, progress", err.toString(StandardCharsets.UTF_8));
    Run run = cli.run("watch", "shape-watched", "--output", "json");
    JsonNode real = JSON.readTree(run.err().lines().findFirst().orElseThrow());
    assertThat(real.get("progress").propertyStream().map(Map.Entry::getKey))
        .containsExactly("operation", "phase", "items", "notes", "retrying");
    assertThat(run.err().lines())
        .allSatisfy(l -> assertThat(JSON.readTree(l).properties()).hasSize(1));
  }

  /** Never a text where it is an object elsewhere. */
  @Test
  void shouldWriteRemarksUnderTheirOwnName() throws IOException {
    Run run = cli.run("list", "--cluster", "empty", "--output", "json");

    JsonNode remark = JSON.readTree(run.err());
    assertThat(remark.get("remark").asText()).startsWith("there is no backup yet");
    assertThat(remark.has("progress")).isFalse();
  }

  /** A window of 0 ms would be the best of all. */
  @Test
  void shouldNotTellAWindowThatNeverWas() throws IOException {
    Run failed = cli.run("describe-backup", "failed", "--output", "json");

    assertThat(JSON.readTree(failed.out()).get("cursorWindowMillis").isNull()).isTrue();
    Run good = cli.run("describe-backup", "good", "--output", "json");
    assertThat(JSON.readTree(good.out()).get("cursorWindowMillis").asLong()).isEqualTo(21);
  }

  private static void requireSame(String command, String written) throws IOException {
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
