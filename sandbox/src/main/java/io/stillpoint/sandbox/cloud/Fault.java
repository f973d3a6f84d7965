package io.stillpoint.sandbox.cloud;

/**
 * What goes wrong with one call.
 *
 * @param effect whether the call does its work before it goes wrong
 * @param reply what the caller hears
 * @param code the cloud's error code; empty unless the reply is an error
 * @param status HTTP status of an error
 */
public record Fault(boolean effect, Reply reply, String code, int status) {

  /** What the caller of a call that went wrong hears. */
  public enum Reply {
    ERROR,
    /** The connection ends without a byte. */
    NOTHING,
    /** Nothing, and the connection stays open until the caller gives up. */
    SILENCE
  }

  /** The cloud says no, and has done nothing. */
  public static Fault refused(String code, int status) {
    return new Fault(false, Reply.ERROR, code, status);
  }

  /** The cloud says that it failed, although it has done its work. */
  public static Fault errorAfterEffect(String code, int status) {
    return new Fault(true, Reply.ERROR, code, status);
  }

  public static Fault connectionLostBeforeEffect() {
    return new Fault(false, Reply.NOTHING, "", 0);
  }

  public static Fault connectionLostAfterEffect() {
    return new Fault(true, Reply.NOTHING, "", 0);
  }

  public static Fault silenceAfterEffect() {
    return new Fault(true, Reply.SILENCE, "", 0);
  }

  public static Fault silenceBeforeEffect() {
    return new Fault(false, Reply.SILENCE, "", 0);
  }
}
