package io.stillpoint.error;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.NoSuchFileException;
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
      default ->
          new StillpointException(
              ErrorCode.INTERNAL, "temporal answered %s: %s".formatted(code, description), "", e);
    };
  }

  private static StillpointException unreachable(StatusRuntimeException e, String target) {
    for (Throwable t = e; t != null; t = t.getCause()) {
      if (t instanceof SSLException) {
        return new StillpointException(
            ErrorCode.TEMPORAL_REFUSED,
            "there is no TLS connection to temporal at %s: %s".formatted(target, t.getMessage()),
            "check TEMPORAL_TLS_CLIENT_CERT_PATH, TEMPORAL_TLS_CLIENT_KEY_PATH,"
                + " TEMPORAL_TLS_SERVER_CA_CERT_PATH and TEMPORAL_TLS_SERVER_NAME",
            e);
      }
    }
    return new StillpointException(
        ErrorCode.TEMPORAL_UNREACHABLE,
        "temporal at %s does not answer (%s)".formatted(target, e.getStatus().getCode()),
        "start it, or name it with --temporal HOST:PORT or TEMPORAL_ADDRESS; if it wants TLS,"
            + " set TEMPORAL_TLS=true",
        e);
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
