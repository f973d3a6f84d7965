package io.stillpoint.cli;

import io.stillpoint.client.ConnectionOptions;
import io.stillpoint.client.StillpointClient;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;

/** The root of all commands; it holds what every command shares. */
@Command(
    name = "stillpoint",
    description = {
      "Consistent disk-snapshot backups and restores of MongoDB clusters.",
      "",
      "Data goes to stdout, progress and errors to stderr. Temporal is found by --temporal and"
          + " --namespace, else by TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE and Temporal's profile"
          + " file.",
      "",
      "stillpoint worker --config FILE runs a control worker or a node agent."
    },
    versionProvider = VersionCommand.Words.class,
    synopsisSubcommandLabel = "COMMAND",
    exitCodeListHeading = "%nEXIT STATUS%n",
    exitCodeList = {
      " 0:done, or started and running",
      " 1:the operation failed, and cleaned up unless the message says otherwise",
      " 2:wrong usage or input",
      "10:no such cluster, backup or operation",
      "11:busy: another operation or tool is at work, or the name is taken",
      "12:not allowed by MongoDB or the cloud",
      "13:refused, because going on would not be safe",
      "20:Temporal cannot be reached, or no worker runs",
      "130:cancelled, or detached by Ctrl-C"
    },
    footerHeading = "%nEXAMPLES%n",
    footer = {
      "  stillpoint backup --cluster shop --wait",
      "  stillpoint list --cluster shop",
      "  stillpoint restore shop-20261122T101500Z"
    })
public final class StillpointCommand implements Runnable {
  private final CliContext context;

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  @Option(
      names = "--output",
      paramLabel = "text|json",
      defaultValue = "text",
      scope = ScopeType.INHERIT,
      description = "How to write data, progress and errors (default: text).")
  private OutputFormat output = OutputFormat.text;

  @Option(
      names = "--temporal",
      paramLabel = "HOST:PORT",
      scope = ScopeType.INHERIT,
      description = "Temporal's address.")
  private Optional<String> temporal = Optional.empty();

  @Option(
      names = "--namespace",
      paramLabel = "NAME",
      scope = ScopeType.INHERIT,
      description = "Temporal's namespace.")
  private Optional<String> namespace = Optional.empty();

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Show this help and exit.")
  private boolean help;

  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "Show the version and exit; as data: stillpoint version.")
  private boolean version;

  private StillpointCommand(CliContext context) {
    this.context = context;
  }

  /** The whole command line, ready to execute. */
  public static CommandLine commandLine(CliContext context) {
    StillpointCommand root = new StillpointCommand(context);
    CommandLine line = new CommandLine(root);
    List.<Object>of(
            new BackupCommand(root),
            new BackupFinishCommand(root),
            new DescribeBackupCommand(root),
            new ListCommand(root),
            new StatusCommand(root),
            new RestoreCommand(root),
            new RestoreFinishCommand(root),
            new DescribeRestoreCommand(root),
            new WatchCommand(root),
            new CancelCommand(root),
            new DeleteBackupCommand(root),
            new PruneCommand(root),
            new RecoverCommand(root),
            CatalogCommand.line(root),
            ScheduleCommand.line(root),
            new CheckCommand(root),
            new RoleCommand(root),
            new SetupCommand(root),
            new CodecServerCommand(root),
            new ErrorsCommand(root),
            new CompletionCommand(root),
            new VersionCommand(root))
        .forEach(line::addSubcommand);
    context.providers().forEach(p -> line.addSubcommand(p.command(context)));
    line.setOut(new java.io.PrintWriter(context.out(), true));
    line.setErr(new java.io.PrintWriter(context.err(), true));
    line.setUsageHelpWidth(100);
    line.setUsageHelpLongOptionsMaxWidth(34);
    line.setAbbreviatedSubcommandsAllowed(false);
    line.setParameterExceptionHandler((e, args) -> root.usageError(e, args));
    line.setExecutionExceptionHandler((e, command, result) -> root.failure(e));
    return line;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a command is missing");
  }

  CliContext context() {
    return context;
  }

  Printer printer() {
    return new Printer(context, output);
  }

  StillpointClient connect() {
    return context.connect().apply(new ConnectionOptions(temporal, namespace));
  }

  private int failure(Exception e) throws Exception {
    if (e instanceof StillpointException known) {
      printer().error(known);
      return known.code().exitCode();
    }
    // A bug: the stack trace is what a report needs, but the exit code stays one of ours.
    e.printStackTrace(context.err());
    printer()
        .error(
            new StillpointException(
                ErrorCode.INTERNAL, String.valueOf(e), "report this with the trace above"));
    return ErrorCode.INTERNAL.exitCode();
  }

  private int usageError(ParameterException e, String[] args) {
    // Options may not have been parsed when the error was found, so look for the format by hand.
    List<String> words = List.of(args);
    int at = words.indexOf("--output");
    boolean json =
        words.contains("--output=json")
            || (at >= 0 && at + 1 < words.size() && words.get(at + 1).equals("json"));
    String message = e.getMessage();
    new Printer(context, json ? OutputFormat.json : OutputFormat.text)
        .error(
            new StillpointException(
                ErrorCode.BAD_INPUT,
                message.substring(0, 1).toLowerCase(java.util.Locale.ROOT) + message.substring(1),
                e.getCommandLine().getCommandSpec().qualifiedName() + " --help"));
    return ErrorCode.BAD_INPUT.exitCode();
  }
}
