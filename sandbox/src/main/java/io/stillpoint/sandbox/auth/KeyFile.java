package io.stillpoint.sandbox.auth;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;

/**
 * The secret that the members of a cluster prove themselves with: the password of the user {@code
 * __system}.
 */
public record KeyFile(String key) {
  /** The user that the members are to each other. */
  public static final String USER = "__system";

  /** Where that user is defined. */
  public static final String DB = "local";

  private static final int SHORTEST = 6;
  private static final int LONGEST = 1024;

  /**
   * @throws IllegalArgumentException with the server's own words, if it would not take the file
   * @throws IOException if it cannot be read
   */
  public static KeyFile read(Path file) throws IOException {
    Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
    permissions.remove(PosixFilePermission.OWNER_READ);
    permissions.remove(PosixFilePermission.OWNER_WRITE);
    permissions.remove(PosixFilePermission.OWNER_EXECUTE);
    if (!permissions.isEmpty()) {
      throw new IllegalArgumentException("permissions on " + file + " are too open");
    }
    String key = Files.readString(file).replaceAll("\\s", "");
    if (key.length() < SHORTEST || key.length() > LONGEST) {
      throw new IllegalArgumentException(
          "security key in %s has length %d, must be between %d and %d chars"
              .formatted(file, key.length(), SHORTEST, LONGEST));
    }
    return new KeyFile(key);
  }

  /** Logs connections in as a member. */
  public ScramLogin login() {
    return new ScramLogin(USER, DB, key);
  }

  /** Never the key. */
  @Override
  public String toString() {
    return "KeyFile";
  }
}
