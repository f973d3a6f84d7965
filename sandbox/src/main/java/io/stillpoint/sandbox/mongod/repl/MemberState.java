package io.stillpoint.sandbox.mongod.repl;

/** The states of a member with the numbers that the protocol uses. */
public enum MemberState {
  STARTUP(0),
  PRIMARY(1),
  SECONDARY(2),
  RECOVERING(3),
  STARTUP2(5),
  UNKNOWN(6),
  ARBITER(7),
  DOWN(8),
  ROLLBACK(9),
  REMOVED(10);

  private final int code;

  MemberState(int code) {
    this.code = code;
  }

  public int code() {
    return code;
  }

  /** The name that {@code stateStr} shows. */
  public String label() {
    return this == DOWN ? "(not reachable/healthy)" : name();
  }

  public boolean readable() {
    return this == PRIMARY || this == SECONDARY;
  }

  static MemberState of(int code) {
    for (MemberState state : values()) {
      if (state.code == code) {
        return state;
      }
    }
    return UNKNOWN;
  }
}
