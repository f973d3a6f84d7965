package io.stillpoint.storage;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** Turns names that came from outside into names of files, or refuses them. */
public final class FileName {

  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,199}");

  private FileName() {}

  /**
   * Returns the name if it can be a file's name as it is.
   *
   * @param what the kind of name, for the message
   */
  public static String require(String what, String name) {
    if (name == null || !PLAIN.matcher(name).matches()) {
      throw new StillpointException(
          ErrorCode.BAD_INPUT,
          "%s '%s' is not a name of letters, digits, '.', '_' and '-' that starts with a letter or digit"
              .formatted(what, name),
          "choose another name");
    }
    return name;
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
