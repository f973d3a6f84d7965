package io.stillpoint.policy;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import java.util.regex.Pattern;

/**
 * Names of backups, restores and clusters. They become directories, workflow ids and tags, so they
 * are refused before anything is done with them.
 */
public final class Names {

  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,199}");

  private Names() {}

  public static boolean isName(String name) {
    return PLAIN.matcher(name).matches();
  }

  /**
   * Returns the name, or throws BAD_INPUT.
   *
   * @param what the kind of name, for the message
   */
  public static String require(String what, String name) {
    if (name == null || !isName(name)) {
      throw new StillpointException(
          ErrorCode.BAD_INPUT,
          "%s '%s' is not a name of letters, digits, '.', '_' and '-' that starts with a letter or digit"
              .formatted(what, name),
          "choose another name");
    }
    return name;
  }
}
