package io.stillpoint.error;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.Optional;
import java.util.logging.LogManager;
import javax.net.ssl.SSLException;

/** Says in our words why Temporal cannot be used; for workers and the command line alike. */
public final class TemporalProblems {
  private static final String CREDENTIALS =
      "check TEMPORAL_API_KEY, TEMPORAL_TLS_CLIENT_CERT_PATH, and what they may do in this namespace";

  private TemporalProblems() {}

  /**
   * A call that a server refused or did not answer.
   *
   * @param target where the call went
   */
  public static StillpointException of(StatusRuntimeException e, String target, String namespace) {
    Status.Code code = e.getStatus().getCode();
    String description = String.valueOf(e.getStatus().getDescription());
    return switch (code) {
      case PERMISSION_DENIED, UNAUTHENTICATED ->
          new StillpointException(
              ErrorCode.TEMPORAL_REFUSED,
              "temporal at %s refused the call in namespace '%s' (%s: %s)"
                  .formatted(target, namespace, code, description),
              CREDENTIALS,
              e);
      case NOT_FOUND ->
          new StillpointException(
              ErrorCode.TEMPORAL_REFUSED,
              "temporal at %s has no namespace '%s'".formatted(target, namespace),
              "name the right one with --namespace or TEMPORAL_NAMESPACE",
              e);
      case UNAVAILABLE, DEADLINE_EXCEEDED, CANCELLED, UNKNOWN -> unreachable(e, target);
      case RESOURCE_EXHAUSTED, ABORTED ->
          new StillpointException(
              ErrorCode.TEMPORAL_UNREACHABLE,
              "temporal at %s is too busy to answer (%s: %s)".formatted(target, code, description),
              "try again in a moment; if it stays so, look at its load and its rate limits",
              e);
      default ->
          new StillpointException(
              ErrorCode.INTERNAL,
              // What a worker answers wrongly arrives with its stack trace.
              "temporal answered %s: %s"
                  .formatted(code, description.lines().findFirst().orElse("")),
              "",
              e);
    };
  }

  private static StillpointException unreachable(StatusRuntimeException e, String target) {
    Optional<SSLException> tls = cause(e, SSLException.class);
    if (tls.isPresent()) {
      return new StillpointException(
          ErrorCode.TEMPORAL_REFUSED,
          "there is no TLS connection to temporal at %s: %s"
              .formatted(target, tls.get().getMessage()),
          "check TEMPORAL_TLS_CLIENT_CERT_PATH, TEMPORAL_TLS_CLIENT_KEY_PATH,"
              + " TEMPORAL_TLS_SERVER_CA_CERT_PATH and TEMPORAL_TLS_SERVER_NAME",
          e);
    }
    if (cause(e, UnknownHostException.class).isPresent()) {
      return new StillpointException(
          ErrorCode.TEMPORAL_UNREACHABLE,
          "temporal's address %s names a host that cannot be found".formatted(target),
          "correct --temporal HOST:PORT or TEMPORAL_ADDRESS",
          e);
    }
    return new StillpointException(
        ErrorCode.TEMPORAL_UNREACHABLE,
        "temporal at %s does not answer (%s)".formatted(target, e.getStatus().getCode()),
        "start it, or name it with --temporal HOST:PORT or TEMPORAL_ADDRESS; if it wants TLS,"
            + " set TEMPORAL_TLS=true",
        e);
  }

  /** Whether the same call may succeed by itself after a while. */
  public static boolean mayPass(StillpointException e) {
    return e.code() == ErrorCode.TEMPORAL_UNREACHABLE
        && cause(e, UnknownHostException.class).isEmpty();
  }

  /**
   * Keeps the libraries below from printing to stderr, with traces, what is told in our own words.
   * A logging configuration that the user names is left alone.
   */
  public static void silenceLibraries() {
    if (System.getProperty("java.util.logging.config.file") != null) {
      return;
    }
    String settings = "handlers=java.util.logging.ConsoleHandler\n.level=SEVERE\n";
    try {
      LogManager.getLogManager()
          .readConfiguration(
              new ByteArrayInputStream(settings.getBytes(StandardCharsets.ISO_8859_1)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static <T extends Throwable> Optional<T> cause(Throwable failure, Class<T> type) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (type.isInstance(t)) {
        return Optional.of(type.cast(t));
      }
    }
    return Optional.empty();
  }

  /** Temporal's own profile file, or a file that it names, cannot be used. */
  public static StillpointException ofProfile(Exception e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return new StillpointException(
        ErrorCode.CONFIGURATION_INVALID,
        "temporal's profile cannot be used: %s"
            .formatted(
                root instanceof NoSuchFileException missing
                    ? "there is no file " + missing.getFile()
                    : root.getMessage()),
        "correct TEMPORAL_TLS_* and the file that TEMPORAL_CONFIG_FILE names",
        e);
  }
}
