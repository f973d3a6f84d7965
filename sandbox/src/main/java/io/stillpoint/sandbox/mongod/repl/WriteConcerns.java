package io.stillpoint.sandbox.mongod.repl;

import io.stillpoint.sandbox.mongod.Store;
import io.stillpoint.sandbox.mongod.query.Update;
import io.stillpoint.sandbox.mongod.repl.ReplicaSetConfig.Member;
import io.stillpoint.sandbox.wire.CommandException;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;
import org.bson.BsonValue;

/** Waits until a write has reached the members that its write concern asks for. */
public final class WriteConcerns {
  private final Store store;
  private final Oplog oplog;
  private final ReplicaSet set;
  private final boolean majorityByDefault;

  /** {@code set} and {@code oplog} are null on a standalone. */
  public WriteConcerns(Store store, Oplog oplog, ReplicaSet set, boolean majorityByDefault) {
    this.store = store;
    this.oplog = oplog;
    this.set = set;
    this.majorityByDefault = majorityByDefault;
  }

  /**
   * Waits for everything written so far.
   *
   * @param concern the command's {@code writeConcern}, or null
   * @return the {@code writeConcernError}, or null
   */
  public BsonDocument await(BsonDocument concern) throws InterruptedException {
    BsonValue w = concern == null ? null : concern.get("w");
    boolean journal = concern != null && Update.isTrue(concern.get("j"));
    if (set == null) {
      if (journal) {
        store.engine().flushJournal();
      }
      return null;
    }
    if (w == null) {
      w = majorityByDefault ? new BsonString("majority") : new BsonInt32(1);
    }
    OpTime at = set.applied();
    long timeout =
        concern != null && concern.containsKey("wtimeout")
            ? concern.getNumber("wtimeout").longValue()
            : 0;
    boolean simple = w.isNumber() && w.asNumber().intValue() <= 1;
    if (!simple || journal) {
      flush();
    }
    if (simple) {
      return null;
    }
    long deadline = timeout > 0 ? System.nanoTime() + timeout * 1_000_000 : Long.MAX_VALUE;
    long term = set.term();
    while (!satisfied(w, journal, at)) {
      if (!set.isPrimary() || set.term() != term) {
        return error(
            189, "PrimarySteppedDown", "Primary stepped down while waiting for replication", false);
      }
      if (System.nanoTime() > deadline) {
        return error(64, "WriteConcernFailed", "waiting for replication timed out", true);
      }
      set.awaitChange(20);
    }
    return null;
  }

  /** Makes everything written so far durable here, and lets the set know. */
  public void flush() {
    OpTime last = oplog.last();
    store.engine().flushJournal();
    set.flushed(last);
  }

  private boolean satisfied(BsonValue w, boolean journal, OpTime at) {
    if (w.isNumber()) {
      int wanted = w.asNumber().intValue();
      long bearing = set.config().members().stream().filter(m -> !m.arbiter()).count();
      if (wanted > bearing) {
        throw unsatisfiable("Not enough data-bearing nodes");
      }
      return 1 + set.others().stream().filter(m -> reached(m, journal, at)).count() >= wanted;
    }
    String mode = w.asString().getValue();
    if (mode.equals("majority")) {
      return set.committed().compareTo(at) >= 0;
    }
    BsonDocument tags = set.config().writeMode(mode);
    if (tags == null) {
      throw new CommandException(
          79,
          "UnknownReplWriteConcern",
          "No write concern mode named '" + mode + "' found in replica set configuration");
    }
    for (Map.Entry<String, BsonValue> tag : tags.entrySet()) {
      Set<BsonValue> values = new HashSet<>();
      for (Member member : set.config().members()) {
        boolean here = member.id() == set.self().id();
        if (member.tags().containsKey(tag.getKey()) && (here || reached(member, journal, at))) {
          values.add(member.tags().get(tag.getKey()));
        }
      }
      if (values.size() < tag.getValue().asNumber().intValue()) {
        return false;
      }
    }
    return true;
  }

  private boolean reached(Member member, boolean journal, OpTime at) {
    MemberView view = set.view(member.id());
    return !member.arbiter() && (journal ? view.durable() : view.applied()).compareTo(at) >= 0;
  }

  private static CommandException unsatisfiable(String message) {
    return new CommandException(100, "UnsatisfiableWriteConcern", message);
  }

  private static BsonDocument error(int code, String name, String message, boolean timeout) {
    BsonDocument error =
        new BsonDocument("code", new BsonInt32(code))
            .append("codeName", new BsonString(name))
            .append("errmsg", new BsonString(message));
    return timeout
        ? error.append("errInfo", new BsonDocument("wtimeout", BsonBoolean.TRUE))
        : error;
  }
}
