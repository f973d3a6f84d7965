package io.stillpoint.sandbox.mongod.repl;

import io.stillpoint.sandbox.mongod.Store;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonString;

/**
 * The vote of the newest term, {@code local.replset.election}. It is written down before it is
 * given, so that a restarted member does not vote twice in a term.
 */
final class LastVote {
  private static final BsonString ID = new BsonString("lastVote");

  private final Store store;
  private long term = -1;
  private int candidate = -1;

  LastVote(Store store) {
    this.store = store;
  }

  /** Reads what a former process left; returns its term, -1 for none. */
  synchronized long load() {
    Long record = store.local("replset.election").recordOf(ID);
    if (record != null) {
      BsonDocument vote = store.local("replset.election").document(record);
      term = vote.getNumber("term").longValue();
      candidate = vote.getNumber("candidateIndex").intValue();
    }
    return term;
  }

  /** Takes the vote of a term for a candidate; false if another one has it. */
  synchronized boolean take(long forTerm, int forCandidate) {
    if (forTerm < term || forTerm == term && candidate != forCandidate) {
      return false;
    }
    term = forTerm;
    candidate = forCandidate;
    return true;
  }

  /** Writes a vote that was taken; under no lock but the store's. */
  void save(long forTerm, int forCandidate) {
    store.write(
        () -> {
          var votes = store.local("replset.election");
          BsonDocument vote =
              new BsonDocument("_id", ID)
                  .append("term", new BsonInt64(forTerm))
                  .append("candidateIndex", new BsonInt32(forCandidate));
          Long record = votes.recordOf(ID);
          if (record == null) {
            votes.insert(vote, 0);
          } else {
            votes.update(record, vote, 0);
          }
        });
    store.engine().flushJournal();
  }
}
