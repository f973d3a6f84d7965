package io.stillpoint.sandbox.temporal;

import io.stillpoint.cli.CliContext;
import io.stillpoint.cli.StillpointCommand;
import io.stillpoint.client.ConnectionOptions;
import io.stillpoint.client.StillpointClient;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** Our own command line, with an environment of its own. */
final class CommandLine {
  private CommandLine() {}

  static TemporalWorld.Run run(Map<String, String> environment, String... arguments) {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    PrintStream both = new PrintStream(output, true, StandardCharsets.UTF_8);
    CliContext context =
        new CliContext(
            both,
            both,
            new BufferedReader(new StringReader("")),
            0,
            false,
            o ->
                StillpointClient.connect(
                    new ConnectionOptions(o.address(), o.namespace(), environment)),
            List.of());
    int exitCode = StillpointCommand.commandLine(context).execute(arguments);
    return new TemporalWorld.Run(exitCode, output.toString(StandardCharsets.UTF_8));
  }
}
