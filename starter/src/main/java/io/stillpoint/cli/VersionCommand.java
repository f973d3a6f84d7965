package io.stillpoint.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

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

  @Override
  public Integer call() throws IOException {
    Properties build = new Properties();
    try (InputStream stream = VersionCommand.class.getResourceAsStream("/stillpoint.properties")) {
      build.load(stream);
    }
    String version = build.getProperty("version");
    String java = Runtime.version().toString();
    root.printer()
        .data(
            Map.of("version", version, "java", java),
            List.of("stillpoint %s (java %s)".formatted(version, java)));
    return 0;
  }
}
