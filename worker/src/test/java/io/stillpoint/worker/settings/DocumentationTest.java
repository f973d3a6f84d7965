package io.stillpoint.worker.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DocumentationTest {
  private static final Pattern EXAMPLE = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL);

  // The pages on clouds show their own section only.
  private static final Map<String, String> CLUSTER =
      Map.of("STILLPOINT_CLUSTERS_OTHER_URI", "mongodb://db1.example");

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "configuration.md",
        "command-provider.md",
        "first-backups.md",
        "setup-ec2.md",
        "setup-compute-engine.md",
        "retention.md",
        "http-and-webhooks.md",
        "cloud-ebs.md",
        "cloud-gce.md",
        "temporal.md"
      })
  void shouldShowOnlyExamplesThatWork(String name) throws IOException {
    String page = Files.readString(Path.of("..", "docs", name));
    Path uri = Files.writeString(directory.resolve("shop.uri"), "mongodb://db1.example");
    Path token = Files.writeString(directory.resolve("token"), "0123456789abcdef");
    List<String> examples =
        EXAMPLE
            .matcher(page)
            .results()
            .map(MatchResult::group)
            .filter(e -> e.contains("stillpoint:"))
            .toList();

    assertThat(examples).isNotEmpty();
    for (String example : examples) {
      String yaml =
          example
              .replaceAll("```(yaml)?", "")
              .replaceAll("/etc/stillpoint/(shop|catalog)\\.uri", uri.toString())
              .replaceAll("/etc/stillpoint/(http|hook)\\.(token|secret)", token.toString());
      Path file = Files.writeString(directory.resolve("worker.yml"), yaml);
      assertThatCode(() -> SettingsFile.read(Optional.of(file), CLUSTER))
          .as(yaml)
          .doesNotThrowAnyException();
    }
  }
}
