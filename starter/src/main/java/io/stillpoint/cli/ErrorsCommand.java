package io.stillpoint.cli;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Explains error codes. */
@Command(
    name = "errors",
    description = "Explain an error code, or list all of them.",
    footerHeading = "%nEXAMPLES%n",
    footer = "  stillpoint errors CURSOR_LOST")
final class ErrorsCommand implements Callable<Integer> {
  private final StillpointCommand root;

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "CODE",
      arity = "0..1",
      completionCandidates = Codes.class,
      description = "The code (default: all).")
  private Optional<String> code = Optional.empty();

  @Option(names = "--markdown", hidden = true, description = "Write docs/errors.md.")
  private boolean markdown;

  ErrorsCommand(StillpointCommand root) {
    this.root = root;
  }

  @Override
  public Integer call() {
    ErrorGuide guide = ErrorGuide.load();
    if (markdown) {
      root.context().out().print(guide.markdown());
      return 0;
    }
    if (code.isPresent()) {
      ErrorGuide.Entry entry = guide.entry(code(code.get()));
      root.printer()
          .data(
              entry,
              List.of(
                  "%s (exit status %d)".formatted(entry.code(), entry.exitCode()),
                  "",
                  entry.meaning(),
                  entry.remedy()));
      return 0;
    }
    Table table = new Table("CODE", "EXIT", "MEANING");
    guide.entries().forEach(e -> table.row(e.code(), e.exitCode(), e.meaning()));
    root.printer().data(guide.entries(), table.lines());
    return 0;
  }

  private ErrorCode code(String typed) {
    return Stream.of(ErrorCode.values())
        .filter(c -> c.name().equalsIgnoreCase(typed))
        .findFirst()
        .orElseThrow(
            () ->
                new StillpointException(
                    ErrorCode.BAD_INPUT,
                    "there is no error code '%s'".formatted(typed),
                    "%s lists them".formatted(spec.qualifiedName())));
  }

  /** What a shell may complete. */
  static final class Codes implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Stream.of(ErrorCode.values()).map(ErrorCode::name).iterator();
    }
  }
}
