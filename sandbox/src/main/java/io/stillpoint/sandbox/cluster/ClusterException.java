package io.stillpoint.sandbox.cluster;

/** A server or cluster on this machine did not start, stop or answer as it should. */
public final class ClusterException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ClusterException(String message) {
    super(message);
  }

  public ClusterException(String message, Throwable cause) {
    super(message, cause);
  }
}
