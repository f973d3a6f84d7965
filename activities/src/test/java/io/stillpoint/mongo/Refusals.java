package io.stillpoint.mongo;

import io.stillpoint.error.StillpointException;

/** What a server's refusal becomes, for tests of those who are told. */
public final class Refusals {

  private Refusals() {}

  public static StillpointException of(String member, String command, int code, String message) {
    return ServerErrors.refused(member, command, code, message);
  }
}
