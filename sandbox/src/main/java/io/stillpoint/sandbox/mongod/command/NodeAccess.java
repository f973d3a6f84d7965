package io.stillpoint.sandbox.mongod.command;

import io.stillpoint.sandbox.mongod.Mongod;
import io.stillpoint.sandbox.mongod.query.Documents;
import io.stillpoint.sandbox.mongod.repl.MemberState;
import io.stillpoint.sandbox.mongod.repl.ReplicaSet;
import io.stillpoint.sandbox.mongod.repl.Replication;
import io.stillpoint.sandbox.mongod.repl.WriteConcerns;
import io.stillpoint.sandbox.wire.CommandException;
import java.util.List;
import java.util.Map;
import org.bson.BsonDocument;

/** Whether this node, in its present state, may answer a read or take a write. */
final class NodeAccess {
  private final Mongod mongod;
  private final WriteConcerns writeConcerns;

  NodeAccess(Mongod mongod) {
    this.mongod = mongod;
    this.writeConcerns =
        new WriteConcerns(
            mongod.store(),
            mongod.replication().map(Replication::oplog).orElse(null),
            mongod.replication().map(Replication::set).orElse(null),
            mongod.version().atLeast(5));
  }

  /**
   * Checks a read.
   *
   * @throws CommandException 13435 on a secondary that was not asked as one, 13436 while recovering
   */
  void requireReadable(Request request) {
    if (mongod.replication().isEmpty() || request.db().equals("local")) {
      return;
    }
    ReplicaSet set = mongod.replication().get().set();
    if (set.isPrimary()) {
      return;
    }
    if (!request.secondaryOk()) {
      throw new CommandException(
          13435,
          "NotPrimaryNoSecondaryOk",
          mongod.version().atLeast(5)
              ? "not primary and secondaryOk=false"
              : "not master and slaveOk=false");
    }
    requireMember(set);
  }

  /** Checks that this is a primary or a secondary; getMore needs no more than that. */
  void requireMember() {
    mongod.replication().ifPresent(replication -> requireMember(replication.set()));
  }

  private static void requireMember(ReplicaSet set) {
    if (!set.state().readable() && set.state() != MemberState.ARBITER) {
      throw new CommandException(
          13436, "NotPrimaryOrSecondary", "node is recovering: " + set.state().label());
    }
  }

  /**
   * Checks a write; to be called under the store's write lock.
   *
   * @throws CommandException 10107 when this is not the primary
   */
  void requireWritable(String ns) {
    if (ns.startsWith("local.") || mongod.replication().isEmpty()) {
      if (mongod.replication().isEmpty()
          && mongod.parameters().isTrue("recoverFromOplogAsStandalone")) {
        throw new CommandException(
            20, "IllegalOperation", "Cannot execute a write operation in read-only mode");
      }
      return;
    }
    if (!mongod.replication().get().set().writable()) {
      throw new CommandException(
          10107,
          mongod.version().atLeast(5) ? "NotWritablePrimary" : "NotMaster",
          mongod.version().atLeast(5) ? "not primary" : "not master");
    }
  }

  /**
   * Waits until this node is at the cluster time that a read must not be older than.
   *
   * @throws CommandException 72 when that time is ahead of the clock, 50 on {@code maxTimeMS}
   */
  void awaitReadConcern(Request request) throws InterruptedException {
    BsonDocument concern = request.document("readConcern");
    boolean majority =
        concern.containsKey("level") && concern.getString("level").getValue().equals("majority");
    if (mongod.replication().isEmpty() || !concern.containsKey("afterClusterTime")) {
      return;
    }
    Replication replication = mongod.replication().get();
    long after = concern.getTimestamp("afterClusterTime").getValue();
    if (after > replication.clock().now()) {
      throw new CommandException(
          72,
          "InvalidOptions",
          "readConcern afterClusterTime value must not be greater than the current clusterTime");
    }
    int limit = request.number("maxTimeMS", 0);
    long deadline = limit > 0 ? System.nanoTime() + limit * 1_000_000L : Long.MAX_VALUE;
    ReplicaSet set = replication.set();
    while ((majority ? set.stableTimestamp() : set.applied().ts()) < after
        || request.argument().isString() && mongod.transactions().undecided(request.ns(), after)) {
      if (System.nanoTime() > deadline) {
        throw new CommandException(50, "MaxTimeMSExpired", "operation exceeded time limit");
      }
      if (set.isPrimary() && set.applied().ts() < after) {
        // As on the real server, an idle primary writes a no-op so that the read does not wait.
        replication.writePeriodicNoop();
        replication.flush();
      }
      set.awaitChange(20);
    }
  }

  /** Waits for the write concern and adds its error, if any, to the reply. */
  BsonDocument awaitWriteConcern(Request request, BsonDocument reply) throws InterruptedException {
    BsonDocument error = writeConcerns.await(request.writeConcern());
    if (error != null) {
      reply.append("writeConcernError", error);
    }
    return reply;
  }

  WriteConcerns writeConcerns() {
    return writeConcerns;
  }

  /** The documents of a snapshot of rows, parsed on access. */
  static List<BsonDocument> views(java.util.Collection<byte[]> rows) {
    return rows.stream().map(Documents::view).toList();
  }

  /** Registers one handler under several names. */
  static void put(Map<String, Command> commands, Command command, String... names) {
    for (String name : names) {
      commands.put(name, command);
    }
  }
}
