package io.stillpoint.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.stillpoint.cli.CommandRunner.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PruneCommandTest {
  private static final String[] YEAR = {
    "prune",
    "--cluster",
    "shop",
    "--keep-last",
    "3",
    "--keep-daily",
    "7",
    "--keep-weekly",
    "4",
    "--keep-monthly",
    "12",
    "--keep-yearly",
    "2",
    "--minimum-age",
    "2d",
    "--dry-run"
  };
  private static CommandRunner cli;

  @BeforeAll
  static void start() {
    cli = CommandRunner.withWorker();
  }

  @AfterAll
  static void stop() {
    cli.close();
  }

  /** The page shows this very output. */
  @Test
  void shouldExplainAYearOfDailyBackupsAsDocumented() throws IOException {
    Run run = cli.run(YEAR);

    assertThat(run.exitCode()).isZero();
    Path page = Path.of("..", "docs", "retention.md");
    String shown = Files.readString(page).replaceAll("(?s).*```text\n(.*?)```.*", "$1");
    if (Boolean.getBoolean("stillpoint.golden.write")) {
      Files.writeString(page, Files.readString(page).replace(shown, shortened(run.out())));
    }
    assertThat(shortened(run.out()))
        .as("write it with -Dstillpoint.golden.write=true")
        .isEqualTo(Files.readString(page).replaceAll("(?s).*```text\n(.*?)```.*", "$1"));
    assertThat(run.out().lines()).filteredOn(l -> l.contains("  delete  ")).hasSize(344);
  }

  /** Of several deletions in a row only the first. */
  private static String shortened(String text) {
    StringBuilder result = new StringBuilder();
    int deletions = 0;
    for (String line : text.lines().toList()) {
      deletions = line.contains("  delete  ") ? deletions + 1 : 0;
      if (deletions < 2) {
        result.append(line).append('\n');
      } else if (deletions == 2) {
        result.append("...\n");
      }
    }
    return result.toString();
  }

  @Test
  void shouldWriteEveryDecisionAsJson() throws IOException {
    String[] json = java.util.Arrays.copyOf(YEAR, YEAR.length + 1);
    json[YEAR.length] = "--output=json";

    JsonNode answer = new ObjectMapper().readTree(cli.run(json).out());

    assertThat(answer.at("/result/kept").asInt()).isEqualTo(21);
    assertThat(answer.at("/result/retention/keepMonthly").asInt()).isEqualTo(12);
    assertThat(answer.at("/decisions")).hasSize(365);
    assertThat(answer.at("/decisions/0/keep").asBoolean()).isTrue();
    assertThat(answer.at("/decisions/0/reasons/0").asText()).isEqualTo("last 1 of 3");
    assertThat(answer.at("/decisions/0/entry/state").asText()).isEqualTo("GOOD");
  }

  /** Taken as "not given", it would silently let the workers' configuration decide. */
  @ParameterizedTest
  @ValueSource(strings = {"last", "daily", "weekly", "monthly", "yearly"})
  void shouldRefuseRuleThatKeepsNothing(String rule) {
    for (String count : new String[] {"0", "-1"}) {
      Run run = cli.run("prune", "--cluster", "shop", "--keep-" + rule, count, "--yes");

      assertThat(run.exitCode()).isEqualTo(2);
      assertThat(run.err())
          .contains("error [BAD_INPUT]: --keep-%s is %s, but must be 1".formatted(rule, count));
      assertThat(run.out()).isEmpty();
    }
  }

  @Test
  void shouldNeedYesOrDryRun() {
    Run run = cli.run("prune", "--cluster", "shop", "--keep-last", "1");

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("needs --dry-run or --yes");
  }

  @Test
  void shouldExitWithFailureWhenSomethingCouldNotBeDeleted() {
    Run run = cli.run("prune", "--cluster", "shop", "--keep-last", "364", "--yes");

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out()).contains("deleted 1 backups, 40.0 GiB; kept 364");
    assertThat(run.err()).contains("not deleted: shop-1: AGENT_UNREACHABLE");
  }
}
