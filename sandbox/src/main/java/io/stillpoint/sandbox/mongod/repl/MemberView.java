package io.stillpoint.sandbox.mongod.repl;

import org.bson.BsonDocument;

/**
 * What this node knows about another member.
 *
 * @param seenAt {@code System.nanoTime()} of the last contact; 0 for never
 */
public record MemberView(
    MemberState state,
    OpTime applied,
    OpTime durable,
    long term,
    long configVersion,
    long seenAt,
    boolean reachable,
    BsonDocument electionTime) {

  static final MemberView UNKNOWN =
      new MemberView(MemberState.UNKNOWN, OpTime.NONE, OpTime.NONE, -1, -1, 0, false, null);

  MemberView down() {
    return new MemberView(
        MemberState.DOWN, applied, durable, term, -1, seenAt, false, electionTime);
  }

  MemberView at(OpTime newApplied, OpTime newDurable) {
    return new MemberView(
        state,
        newApplied.compareTo(applied) > 0 ? newApplied : applied,
        newDurable.compareTo(durable) > 0 ? newDurable : durable,
        term,
        configVersion,
        seenAt,
        reachable,
        electionTime);
  }
}
