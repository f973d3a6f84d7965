package io.stillpoint.storage;

import io.stillpoint.policy.Names;
import java.nio.charset.StandardCharsets;

/** Turns names that came from outside into names of files, or refuses them. */
public final class FileName {

  private FileName() {}

  /**
   * Returns the name if it can be a file's name as it is.
   *
   * @param what the kind of name, for the message
   */
  public static String require(String what, String name) {
    return Names.require(what, name);
  }

  /**
   * A file name for any text (a set's name, host:port). Different texts give different names;
   * letters, digits, '_', '-' and inner dots stay readable.
   */
  public static String of(String text) {
    StringBuilder name = new StringBuilder();
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xFF);
      boolean plain =
          c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_';
      if (plain || !name.isEmpty() && (c == '.' || c == '-')) {
        name.append(c);
      } else {
        name.append("%%%02X".formatted((int) c));
      }
    }
    return name.toString();
  }
}
