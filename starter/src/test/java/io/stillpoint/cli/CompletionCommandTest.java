package io.stillpoint.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillpoint.cli.CommandRunner.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompletionCommandTest {

  @TempDir private Path directory;

  /** Asks a real bash what it would complete. */
  @Test
  void shouldCompleteCommandsAndOptionsInBash() throws Exception {
    Assumptions.assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "there is no /bin/bash");
    Path script;
    try (CommandRunner cli = CommandRunner.withoutWorker()) {
      Run run = cli.run("completion", "bash");
      assertThat(run.exitCode()).isZero();
      script = Files.writeString(directory.resolve("completion"), run.out());
    }

    assertThat(completed(script, "pru")).containsExactly("prune");
    assertThat(completed(script, "prune", "--keep-l")).contains("--keep-last");
    assertThat(completed(script, "schedule", "cre")).contains("create");
    assertThat(completed(script, "backup", "--type", ""))
        .contains("directory", "gce")
        .doesNotContain("DIRECTORY");
  }

  @Test
  void shouldPrepareZshAndRefuseOthers() {
    try (CommandRunner cli = CommandRunner.withoutWorker()) {
      assertThat(cli.run("completion", "zsh").out()).startsWith("autoload -U +X bashcompinit");
      assertThat(cli.run("completion", "fish").exitCode()).isEqualTo(2);
    }
  }

  private java.util.List<String> completed(Path script, String... words)
      throws IOException, InterruptedException {
    String line = "stillpoint " + String.join(" ", words);
    String ask =
        "source '%s'; COMP_WORDS=(%s); COMP_CWORD=%d; COMP_LINE='%s'; COMP_POINT=%d;"
                .formatted(script, line, words.length, line, line.length())
            + " _complete_stillpoint; printf '%s\\n' \"${COMPREPLY[@]}\"";
    Process bash =
        new ProcessBuilder("/bin/bash", "--norc", "-c", ask)
            // Some builds of bash complain that no terminal asks; the answer is the same.
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    bash.getOutputStream().close();
    String answer = new String(bash.getInputStream().readAllBytes());
    assertThat(bash.waitFor(20, TimeUnit.SECONDS)).isTrue();
    return answer.lines().map(String::strip).toList();
  }
}
