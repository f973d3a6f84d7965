package io.stillpoint.client;

import io.stillpoint.payload.PayloadKeys;
import java.util.Map;
import java.util.Optional;

/**
 * Where Temporal is, and how to speak to it.
 *
 * @param address as host:port; absent as {@code environment} says
 * @param namespace absent as {@code environment} says
 * @param environment TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_TLS_*, TEMPORAL_API_KEY and
 *     Temporal's profile file as for every Temporal tool, and the keys of {@link PayloadKeys}
 */
public record ConnectionOptions(
    Optional<String> address, Optional<String> namespace, Map<String, String> environment) {
  public ConnectionOptions {
    environment = Map.copyOf(environment);
  }

  /** Everything that is not given comes from the environment of this process. */
  public ConnectionOptions(Optional<String> address, Optional<String> namespace) {
    this(address, namespace, System.getenv());
  }

  public static ConnectionOptions fromEnvironment() {
    return new ConnectionOptions(Optional.empty(), Optional.empty());
  }
}
