package io.stillpoint.worker.settings;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** What a caller of the HTTP endpoint must present; never shown. */
public record HttpToken(String value) {

  /** In a time that tells nothing about where the difference is. */
  public boolean matches(String presented) {
    return MessageDigest.isEqual(
        value.getBytes(StandardCharsets.UTF_8), presented.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public String toString() {
    return "HttpToken[]";
  }
}
