package io.stillpoint.cli;

import io.stillpoint.client.ConnectionOptions;
import io.stillpoint.client.StillpointClient;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ServiceLoader;
import java.util.function.Function;

/**
 * The world around one run of the command line.
 *
 * @param out data
 * @param err progress, questions and errors
 * @param columns width of the terminal that stderr is; 0 if it is none
 * @param asks stdin is a terminal at which a person can answer
 * @param connect opens the connection to Temporal
 */
public record CliContext(
    PrintStream out,
    PrintStream err,
    BufferedReader in,
    int columns,
    boolean asks,
    Function<ConnectionOptions, StillpointClient> connect,
    Iterable<CommandProvider> providers) {

  /** The launcher script tells by system properties what is a terminal; Java cannot ask. */
  static CliContext ofProcess() {
    return new CliContext(
        new PrintStream(System.out, true, StandardCharsets.UTF_8),
        new PrintStream(System.err, true, StandardCharsets.UTF_8),
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)),
        Integer.getInteger("stillpoint.stderr.columns", 0),
        Boolean.getBoolean("stillpoint.stdin.terminal") || System.console() != null,
        StillpointClient::connect,
        ServiceLoader.load(CommandProvider.class));
  }
}
