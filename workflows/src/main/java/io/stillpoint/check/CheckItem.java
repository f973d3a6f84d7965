package io.stillpoint.check;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;

/**
 * One thing that was examined.
 *
 * @param what such as {@code privileges} or {@code agent}
 * @param subject the cluster, set or server that it is about
 * @param code of the error that a backup or restore would end with; empty if all is well
 * @param message what was found
 * @param hint what to do; empty if all is well
 */
public record CheckItem(
    String what, String subject, boolean ok, String code, String message, String hint) {

  public static CheckItem ok(String what, String subject, String message) {
    return new CheckItem(what, subject, true, "", message, "");
  }

  public static CheckItem notOk(
      String what, String subject, ErrorCode code, String message, String hint) {
    return new CheckItem(what, subject, false, code.name(), message, hint);
  }

  public static CheckItem notOk(String what, String subject, StillpointException e) {
    return notOk(what, subject, e.code(), e.getMessage(), e.hint());
  }
}
