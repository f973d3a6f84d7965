package io.stillpoint.sandbox.mongod.repl;

import io.stillpoint.sandbox.mongod.ServerLog;
import io.stillpoint.sandbox.mongod.Store;
import io.stillpoint.sandbox.mongod.repl.ReplicaSetConfig.Member;
import io.stillpoint.sandbox.wire.CommandException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonString;
import org.bson.BsonTimestamp;

/**
 * This node's part in its replica set: configuration, state, term, what is known of the others, and
 * the commit point. It is one class because one monitor guards all of it: each of these may only
 * change together with the others.
 *
 * <p>Lock order: the store's lock may be held when a method here is called, and is never taken by
 * one that is synchronized.
 */
public final class ReplicaSet {
  private final Store store;
  private final ServerLog log;
  private final LogicalClock clock;
  private final Oplog oplog;
  private final String setName;
  private final int port;
  private final Map<Integer, MemberView> views = new ConcurrentHashMap<>();
  private volatile ReplicaSetConfig config;
  private volatile Member self;
  private volatile MemberState state = MemberState.STARTUP;
  private volatile long term;
  private volatile boolean writable;
  private volatile boolean maintenance;
  private boolean catchingUp;
  private volatile OpTime applied = OpTime.NONE;
  private volatile OpTime durable = OpTime.NONE;
  private volatile OpTime committed = OpTime.NONE;
  private volatile long primaryContact = System.nanoTime();
  private volatile int knownPrimary = -1;
  private volatile long noElectionBefore;
  private volatile long electionTimestamp;
  private volatile long electionDate;
  private volatile String syncSource = "";
  private volatile Runnable onPrimary = () -> {};
  private final LastVote lastVote;

  public ReplicaSet(
      Store store, ServerLog log, LogicalClock clock, Oplog oplog, String setName, int port) {
    this.store = store;
    this.log = log;
    this.clock = clock;
    this.oplog = oplog;
    this.setName = setName;
    this.port = port;
    this.lastVote = new LastVote(store);
  }

  /** Reads configuration, vote and positions that the directory holds. */
  public void load() {
    var configs = store.local("system.replset").rows();
    if (!configs.isEmpty()) {
      install(
          ReplicaSetConfig.of(
              io.stillpoint.sandbox.mongod.query.Documents.decode(configs.firstEntry().getValue())),
          false);
    }
    term = Math.max(term, lastVote.load());
    if (oplog.exists()) {
      applied = oplog.last();
      durable = applied;
      term = Math.max(term, applied.term());
    }
  }

  // ---- configuration

  public String setName() {
    return setName;
  }

  /** The configuration, or null before there is one. */
  public ReplicaSetConfig config() {
    return config;
  }

  /** This node in the configuration, or null. */
  public Member self() {
    return self;
  }

  /** The others of the configuration. */
  public List<Member> others() {
    ReplicaSetConfig now = config;
    return now == null || self == null
        ? List.of()
        : now.members().stream().filter(m -> m.id() != self.id()).toList();
  }

  /**
   * Takes a configuration over and, unless it was read from there, writes it to {@code
   * local.system.replset}.
   */
  public void install(ReplicaSetConfig next, boolean persist) {
    if (persist) {
      store.write(
          () -> {
            var collection = store.local("system.replset");
            List.copyOf(collection.rows().keySet()).forEach(r -> collection.delete(r, 0));
            collection.insert(next.document(), 0);
            store.engine().flushJournal();
          });
    }
    synchronized (this) {
      config = next;
      term = Math.max(term, next.term());
      self = next.members().stream().filter(m -> isThisNode(m.host())).findFirst().orElse(null);
      views.keySet().removeIf(id -> next.member(id) == null);
      if (self == null) {
        setState(MemberState.REMOVED);
      } else if (self.arbiter()) {
        setState(MemberState.ARBITER);
      } else if (state == MemberState.STARTUP || state == MemberState.REMOVED) {
        setState(MemberState.STARTUP2);
      }
      primaryContact = System.nanoTime();
      notifyAll();
    }
    log.info("REPL", 21392, "New replica set config in use", "config", next.document());
  }

  private boolean isThisNode(String host) {
    return host.endsWith(":" + port);
  }

  public void requireInitialized() {
    if (config == null) {
      throw new CommandException(94, "NotYetInitialized", "no replset config has been received");
    }
  }

  // ---- state

  public MemberState state() {
    return maintenance && state == MemberState.SECONDARY ? MemberState.RECOVERING : state;
  }

  public synchronized void setState(MemberState next) {
    if (state != next) {
      log.info("REPL", 21358, "Replica set state transition", "newState", next, "oldState", state);
      state = next;
      notifyAll();
    }
  }

  public void maintenance(boolean on) {
    maintenance = on;
  }

  public boolean maintenance() {
    return maintenance;
  }

  public long term() {
    return term;
  }

  /** Whether writes are accepted; checked by writers under the store's lock. */
  public boolean writable() {
    return writable;
  }

  public boolean isPrimary() {
    return state == MemberState.PRIMARY;
  }

  /** The address of the primary as far as known, or null. */
  public String primary() {
    Member primary = primaryMember();
    return primary == null ? null : primary.host();
  }

  Member primaryMember() {
    ReplicaSetConfig now = config;
    if (now == null) {
      return null;
    }
    return isPrimary() ? self : now.member(knownPrimary);
  }

  /** Sees a term; steps down when it is newer than this primary's. */
  public void seeTerm(long seen) {
    if (seen > term) {
      boolean wasPrimary;
      synchronized (this) {
        if (seen <= term) {
          return;
        }
        term = seen;
        wasPrimary = isPrimary();
      }
      if (wasPrimary) {
        stepDown(0);
      }
    }
  }

  /** Becomes a secondary; takes the store's write lock, so that no write is half done. */
  public void stepDown(long freezeMillis) {
    store.write(
        () -> {
          writable = false;
          synchronized (this) {
            noElectionBefore = System.nanoTime() + freezeMillis * 1_000_000;
            primaryContact = System.nanoTime();
            knownPrimary = -1;
            if (isPrimary()) {
              setState(MemberState.SECONDARY);
            }
          }
        });
  }

  /** Sets what is to be done whenever this node has become primary. */
  public void onPrimary(Runnable action) {
    onPrimary = action;
  }

  /**
   * Becomes primary of a term that was won, with the entry that tells the others. While an arbiter
   * remembers more than this node has, it only waits; see {@link #abortCatchUp}.
   */
  void becomePrimary(long wonTerm) {
    synchronized (this) {
      if (term != wonTerm || state != MemberState.SECONDARY) {
        return;
      }
      catchingUp = remembered().compareTo(applied) > 0;
      setState(MemberState.PRIMARY);
      knownPrimary = self.id();
      if (catchingUp) {
        log.info("ELECTION", 21364, "Heartbeats updated catchup target optime", "t", remembered());
        return;
      }
    }
    acceptWrites(wonTerm);
  }

  /** The furthest point that an arbiter knows: it holds no data to catch up from. */
  private OpTime remembered() {
    return others().stream()
        .filter(Member::arbiter)
        .map(m -> view(m.id()))
        .filter(MemberView::reachable)
        .map(MemberView::applied)
        .max(Comparator.naturalOrder())
        .orElse(OpTime.NONE);
  }

  /** Ends the wait of an elected primary. */
  public void abortCatchUp() {
    synchronized (this) {
      if (!isPrimary() || !catchingUp) {
        throw new CommandException(20, "IllegalOperation", "The node is not in catch-up mode.");
      }
      catchingUp = false;
    }
    acceptWrites(term);
  }

  private void acceptWrites(long wonTerm) {
    store.write(
        () -> {
          if (term != wonTerm || !isPrimary()) {
            return;
          }
          long ts = clock.tick();
          electionTimestamp = ts;
          electionDate = System.currentTimeMillis();
          OpTime at =
              oplog.log(
                  ts,
                  wonTerm,
                  "n",
                  "",
                  new BsonDocument("o", new BsonDocument("msg", new BsonString("new primary"))));
          wrote(at);
          writable = true;
        });
    onPrimary.run();
    store.engine().flushJournal();
    flushed(oplog.last());
    log.info("REPL", 21331, "Transition to primary complete; database writes are now permitted");
  }

  public long electionTimestamp() {
    return electionTimestamp;
  }

  public long electionDate() {
    return electionDate;
  }

  long noElectionBefore() {
    return noElectionBefore;
  }

  long primaryContact() {
    return primaryContact;
  }

  // ---- positions and the commit point

  public OpTime applied() {
    return applied;
  }

  public OpTime durable() {
    return durable;
  }

  public OpTime committed() {
    return committed;
  }

  /** What majority reads and backup extensions wait for: committed and applied here. */
  public long stableTimestamp() {
    return Math.min(committed.ts(), applied.ts());
  }

  public String syncSource() {
    return syncSource;
  }

  void syncSource(String host) {
    syncSource = host;
  }

  /** Notes an entry that was written or applied here. */
  public synchronized void wrote(OpTime at) {
    applied = at;
    stabilize();
  }

  /** Notes that the journal holds everything up to a position. */
  public synchronized void flushed(OpTime at) {
    if (at.compareTo(durable) > 0) {
      durable = at;
      if (isPrimary()) {
        advanceCommitPoint();
      }
      notifyAll();
    }
  }

  /** Forgets the positions: the data was thrown away or cut back. */
  synchronized void reset(OpTime at) {
    applied = at;
    durable = at;
  }

  /** Notes a member's positions. */
  public synchronized void position(int member, OpTime itsApplied, OpTime itsDurable) {
    views.merge(
        member,
        MemberView.UNKNOWN.at(itsApplied, itsDurable),
        (old, fresh) -> old.at(itsApplied, itsDurable));
    if (isPrimary()) {
      advanceCommitPoint();
    }
    notifyAll();
  }

  private void advanceCommitPoint() {
    List<OpTime> positions = new ArrayList<>();
    for (Member member : config.members()) {
      if (member.votes1() && !member.arbiter()) {
        positions.add(member.id() == self.id() ? durable : view(member.id()).durable());
      }
    }
    positions.sort(Comparator.reverseOrder());
    int needed = Math.min(config.majority(), Math.max(1, positions.size()));
    if (positions.size() >= needed) {
      OpTime majority = positions.get(needed - 1);
      if (majority.term() == term && majority.compareTo(committed) > 0) {
        committed = majority;
        stabilize();
      }
    }
  }

  /** Learns the commit point from another member. */
  public synchronized void learnCommitPoint(OpTime at) {
    if (at.compareTo(committed) > 0 && !isPrimary()) {
      committed = at;
      stabilize();
      notifyAll();
    }
  }

  private void stabilize() {
    if (state == MemberState.ARBITER) {
      // Without data of its own it takes the commit point for it.
      applied = committed;
      durable = committed;
    } else if (!committed.isNone() && state.readable()) {
      store.engine().advanceStableTimestamp(stableTimestamp());
    }
  }

  /** Waits for a change of any state here, at most this long. */
  public synchronized void awaitChange(long millis) throws InterruptedException {
    wait(Math.max(1, millis));
  }

  // ---- what is known of others

  public MemberView view(int id) {
    return views.getOrDefault(id, MemberView.UNKNOWN);
  }

  synchronized void heard(int id, MemberView view, OpTime itsCommitted) {
    MemberView old = view(id);
    views.put(
        id,
        new MemberView(
            view.state(),
            view.applied(),
            view.durable(),
            view.term(),
            view.configVersion(),
            System.nanoTime(),
            true,
            view.electionTime()));
    if (view.state() == MemberState.PRIMARY && view.term() >= term) {
      knownPrimary = id;
      primaryContact = System.nanoTime();
    } else if (knownPrimary == id && view.state() != MemberState.PRIMARY) {
      knownPrimary = -1;
    }
    if (isPrimary()) {
      advanceCommitPoint();
    } else {
      learnCommitPoint(itsCommitted);
    }
    if (!old.reachable()) {
      log.info("REPL", 21215, "Member is in new state", "member", id, "state", view.state());
    }
    notifyAll();
  }

  synchronized void lost(int id) {
    views.compute(id, (k, old) -> (old == null ? MemberView.UNKNOWN : old).down());
    if (knownPrimary == id) {
      knownPrimary = -1;
    }
    notifyAll();
  }

  /** Whether a majority of the voters, this one included, was heard from lately. */
  boolean seesMajority() {
    long limit = System.nanoTime() - config.electionTimeoutMillis() * 1_000_000;
    long seen =
        config.members().stream()
            .filter(Member::votes1)
            .filter(
                m ->
                    m.id() == self.id()
                        || (view(m.id()).seenAt() != 0 && view(m.id()).seenAt() > limit))
            .count();
    return seen >= config.majority();
  }

  // ---- votes

  /** Raises the term and votes for this node; returns the new term. */
  long startElection() {
    long next;
    synchronized (this) {
      next = ++term;
      lastVote.take(next, self.id());
    }
    lastVote.save(next, self.id());
    return next;
  }

  /** Answers a vote request. */
  public BsonDocument vote(BsonDocument request) {
    long theirTerm = request.getNumber("term").longValue();
    int candidate = request.getNumber("candidateIndex").intValue();
    OpTime theirs = OpTime.of(request.getDocument("lastAppliedOpTime"));
    seeTerm(theirTerm);
    String reason = "";
    synchronized (this) {
      if (config == null || self == null) {
        reason = "no configuration";
      } else if (theirTerm < term) {
        reason = "candidate's term (" + theirTerm + ") is lower than mine (" + term + ")";
      } else if (theirs.compareTo(applied) < 0) {
        reason = "candidate's data is staler than mine";
      } else if (!lastVote.take(theirTerm, candidate)) {
        reason = "already voted for another candidate this term (" + theirTerm + ")";
      } else {
        primaryContact = System.nanoTime();
      }
    }
    if (reason.isEmpty()) {
      lastVote.save(theirTerm, candidate);
    }
    return new BsonDocument("term", new BsonInt64(term))
        .append("voteGranted", org.bson.BsonBoolean.valueOf(reason.isEmpty()))
        .append("reason", new BsonString(reason));
  }

  /** The positions that heartbeats and position reports carry. */
  BsonDocument positions() {
    return new BsonDocument("term", new BsonInt64(term))
        .append("state", new BsonInt32(state().code()))
        .append("opTime", applied.toBson())
        .append("durableOpTime", durable.toBson())
        .append("lastCommitted", committed.toBson())
        .append("electionTime", new BsonTimestamp(electionTimestamp));
  }
}
