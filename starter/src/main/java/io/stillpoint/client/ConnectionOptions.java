package io.stillpoint.client;

import java.util.Optional;

/**
 * Where Temporal is. What is absent comes from TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE,
 * TEMPORAL_TLS_*, TEMPORAL_API_KEY and Temporal's profile file.
 */
public record ConnectionOptions(Optional<String> address, Optional<String> namespace) {
  public static ConnectionOptions fromEnvironment() {
    return new ConnectionOptions(Optional.empty(), Optional.empty());
  }
}
