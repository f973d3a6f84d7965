package io.stillpoint.sandbox.mongod.repl;

import io.stillpoint.sandbox.mongod.Store;
import io.stillpoint.sandbox.mongod.query.Documents;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonObjectId;

/**
 * The vote of the newest term, {@code local.replset.election}. It is written down before it is
 * given, so that a restarted member does not vote twice in a term.
 */
final class LastVote {
  private final Store store;
  private long term = -1;
  private int candidate = -1;

  LastVote(Store store) {
    this.store = store;
  }

  /** Reads what a former process left; returns its term, -1 for none. */
  synchronized long load() {
    var votes = store.local("replset.election").rows();
    if (!votes.isEmpty()) {
      BsonDocument vote = Documents.decode(votes.firstEntry().getValue());
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
              new BsonDocument("term", new BsonInt64(forTerm))
                  .append("candidateIndex", new BsonInt32(forCandidate));
          if (votes.rows().isEmpty()) {
            votes.insert(vote.append("_id", new BsonObjectId()), 0);
          } else {
            long record = votes.rows().firstKey();
            votes.update(record, vote.append("_id", votes.document(record).get("_id")), 0);
          }
        });
    store.engine().flushJournal();
  }
}
