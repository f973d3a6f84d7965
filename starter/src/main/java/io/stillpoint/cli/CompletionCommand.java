package io.stillpoint.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints what a shell needs to complete our commands and options. */
@Command(
    name = "completion",
    description = {
      "Print a script that completes commands and options in a shell.",
      "",
      "The script is bash's; zsh takes it after: autoload -U +X bashcompinit && bashcompinit"
    },
    footerHeading = "%nEXAMPLES%n",
    footer = {
      "  source <(stillpoint completion bash)",
      "  stillpoint completion bash > /etc/bash_completion.d/stillpoint"
    })
final class CompletionCommand implements Callable<Integer> {
  /** The shells that we know. */
  enum Shell {
    bash,
    zsh
  }

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "bash|zsh", description = "The shell.")
  private Shell shell;

  private final StillpointCommand root;

  CompletionCommand(StillpointCommand root) {
    this.root = root;
  }

  @Override
  public Integer call() {
    if (shell == Shell.zsh) {
      root.context().out().println("autoload -U +X bashcompinit && bashcompinit");
    }
    root.context().out().print(AutoComplete.bash("stillpoint", spec.root().commandLine()));
    root.context().out().flush();
    return 0;
  }
}
