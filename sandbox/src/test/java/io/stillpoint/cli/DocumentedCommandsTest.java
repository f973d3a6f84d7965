package io.stillpoint.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** Commands that pages and hints name must exist, with the options that they are shown with. */
class DocumentedCommandsTest {
  private static final Path ROOT = Path.of("..");
  private static final Pattern BLOCK =
      Pattern.compile("^ *```(?:sh)?\\n(.*?)^ *```", Pattern.DOTALL | Pattern.MULTILINE);
  private static final Pattern COMMAND =
      Pattern.compile("^ *(?:docker compose run --rm |\\./)?stillpoint +(.*)$");
  private static final Pattern WORD = Pattern.compile("\"[^\"]*\"|'[^']*'|\\S+");
  private static final Pattern HINT =
      Pattern.compile("\\bstillpoint (?!that)([a-z]+(?:-[a-z]+)*)\\b");

  // The launcher gives this one to another program.
  private static final String WORKER = "worker";

  static Stream<String> documentedCommands() throws IOException {
    List<String> commands = new ArrayList<>();
    for (Path page : pages()) {
      for (MatchResult block : BLOCK.matcher(Files.readString(page)).results().toList()) {
        block.group(1).replace("\\\n", " ").lines().forEach(line -> add(commands, line));
      }
    }
    return commands.stream();
  }

  private static void add(List<String> commands, String line) {
    Matcher matcher =
        COMMAND.matcher(line.replaceFirst("( |^)#.*", "").replaceFirst("\\.\\.\\.$", ""));
    if (matcher.matches() && !matcher.group(1).startsWith(WORKER)) {
      commands.add(matcher.group(1).strip());
    }
  }

  @ParameterizedTest
  @MethodSource("documentedCommands")
  void shouldUnderstandWhatIsDocumented(String command) {
    String[] words =
        WORD.matcher(command.replaceFirst("[|>].*", ""))
            .results()
            .map(w -> w.group().replaceAll("^[\"']|[\"']$", ""))
            .toArray(String[]::new);

    assertThatCode(() -> commandLine().parseArgs(words)).doesNotThrowAnyException();
  }

  @Test
  void shouldHintAtCommandsThatExist() throws IOException {
    Set<String> known = new TreeSet<>(commandLine().getSubcommands().keySet());
    known.add(WORKER);
    Set<String> named = new TreeSet<>();
    for (String module : List.of("workflows", "activities", "worker", "starter")) {
      try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src/main"))) {
        for (Path file :
            files.filter(f -> f.toString().matches(".*\\.(java|properties)")).toList()) {
          for (String line : Files.readAllLines(file)) {
            if (!line.strip().startsWith("*") && !line.strip().startsWith("/")) {
              HINT.matcher(line).results().forEach(m -> named.add(m.group(1)));
            }
          }
        }
      }
    }

    assertThat(named).isNotEmpty();
    assertThat(known).containsAll(named);
  }

  private static List<Path> pages() throws IOException {
    List<Path> pages = new ArrayList<>(List.of(ROOT.resolve("README.md")));
    try (Stream<Path> docs = Files.list(ROOT.resolve("docs"))) {
      docs.filter(p -> p.toString().endsWith(".md")).sorted().forEach(pages::add);
    }
    return pages;
  }

  private static CommandLine commandLine() {
    return StillpointCommand.commandLine(CliContext.ofProcess());
  }
}
