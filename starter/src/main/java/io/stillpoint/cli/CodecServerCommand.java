package io.stillpoint.cli;

import io.stillpoint.codec.CodecServer;
import io.stillpoint.codec.CodecServerOptions;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.payload.PayloadKeys;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Decrypts payloads for Temporal's UI and command line. */
@Command(
    name = "codec-server",
    description = {
      "Decrypt payloads for Temporal's UI and command line, until it is stopped.",
      "",
      "The keys come from "
          + PayloadKeys.FILE_VARIABLE
          + ". Temporal's UI asks from your browser,"
          + " so 127.0.0.1 will do; whoever can reach it can have everything decrypted."
    },
    footerHeading = "%nEXAMPLES%n",
    footer = {
      "  stillpoint codec-server --origin http://127.0.0.1:8233",
      "  temporal workflow show --workflow-id ID --codec-endpoint http://127.0.0.1:8094"
    })
final class CodecServerCommand implements Callable<Integer> {
  private final StillpointCommand root;

  @Spec private CommandSpec spec;

  @Option(
      names = "--listen",
      paramLabel = "HOST:PORT",
      description = "Where to answer (default: 127.0.0.1:8094).")
  private String listen = "127.0.0.1:8094";

  @Option(
      names = "--origin",
      paramLabel = "URL",
      split = ",",
      description = "The address of Temporal's UI; other web pages are refused.")
  private Set<String> origins = Set.of();

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description = "Holds a token to ask for: temporal --codec-auth 'Bearer TOKEN'.")
  private Optional<Path> tokenFile = Optional.empty();

  CodecServerCommand(StillpointCommand root) {
    this.root = root;
  }

  @Override
  public Integer call() throws InterruptedException {
    CodecServerOptions options =
        new CodecServerOptions(address(), origins, tokenFile.map(CodecServerCommand::token));
    try (CodecServer server =
        CodecServer.start(
            options,
            PayloadKeys.fromEnvironment(System.getenv()),
            w -> root.printer().progress("WARNING: " + w))) {
      root.printer()
          .data(
              Map.of("endpoint", server.endpoint(), "origins", options.origins()),
              List.of("codec server answers at " + server.endpoint()));
      // Until a signal ends the process.
      new CountDownLatch(1).await();
    }
    return 0;
  }

  private InetSocketAddress address() {
    int colon = listen.lastIndexOf(':');
    try {
      int port = Integer.parseInt(listen.substring(colon + 1));
      return new InetSocketAddress(listen.substring(0, Math.max(0, colon)), port);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(
          spec.commandLine(), "--listen is '%s', but must be HOST:PORT".formatted(listen));
    }
  }

  private static String token(Path file) {
    String token;
    try {
      token = Files.readString(file).strip();
    } catch (IOException e) {
      throw new StillpointException(
          ErrorCode.CONFIGURATION_INVALID,
          "the token file %s cannot be read".formatted(file),
          "correct --token-file",
          e);
    }
    if (token.isEmpty()) {
      throw new StillpointException(
          ErrorCode.CONFIGURATION_INVALID,
          "the token file %s is empty".formatted(file),
          "fill it with: openssl rand -hex 32 > " + file);
    }
    return token;
  }
}
