package io.stillpoint.cli;

import io.stillpoint.error.TemporalProblems;

/** Entry point of {@code stillpoint}. */
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    // The worker on the same class path logs to stdout, where only data may go here.
    if (System.getProperty("logback.configurationFile") == null) {
      System.setProperty("logback.configurationFile", "logback-cli.xml");
    }
    TemporalProblems.silenceLibraries();
    int exitCode = StillpointCommand.commandLine(CliContext.ofProcess()).execute(args);
    System.exit(exitCode);
  }
}
