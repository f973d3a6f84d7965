package io.stillpoint.notification;

import java.net.URI;
import java.util.Optional;

/**
 * A receiver of notices.
 *
 * @param secret signs each body; a secret, so it never appears in {@link #toString()}
 * @param token sent as the bearer; as the secret
 */
public record Webhook(String name, URI url, Optional<String> secret, Optional<String> token) {
  @Override
  public String toString() {
    return "Webhook[name=%s]".formatted(name);
  }
}
