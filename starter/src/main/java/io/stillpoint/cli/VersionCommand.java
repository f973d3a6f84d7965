package io.stillpoint.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/** Prints the version. */
@Command(
    name = "version",
    description = "Print the version of this program and of the Java that runs it.",
    footerHeading = "%nEXAMPLES%n",
    footer = "  stillpoint version --output json")
final class VersionCommand implements Callable<Integer> {
  private final StillpointCommand root;

  VersionCommand(StillpointCommand root) {
    this.root = root;
  }

  /** What {@code --version} prints. */
  static final class Words implements IVersionProvider {
    @Override
    public String[] getVersion() throws IOException {
      return new String[] {words()};
    }
  }

  @Override
  public Integer call() throws IOException {
    root.printer().data(Map.of("version", version(), "java", java()), List.of(words()));
    return 0;
  }

  private static String words() throws IOException {
    return "stillpoint %s (java %s)".formatted(version(), java());
  }

  private static String java() {
    return Runtime.version().toString();
  }

  private static String version() throws IOException {
    Properties build = new Properties();
    try (InputStream stream = VersionCommand.class.getResourceAsStream("/stillpoint.properties")) {
      build.load(stream);
    }
    return build.getProperty("version");
  }
}
