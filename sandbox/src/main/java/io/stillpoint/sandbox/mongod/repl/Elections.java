package io.stillpoint.sandbox.mongod.repl;

import io.stillpoint.sandbox.auth.Peers;
import io.stillpoint.sandbox.mongod.FatalError;
import io.stillpoint.sandbox.mongod.ServerLog;
import io.stillpoint.sandbox.mongod.repl.ReplicaSetConfig.Member;
import io.stillpoint.sandbox.wire.CommandException;
import io.stillpoint.sandbox.wire.WireClient;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonString;

/** Decides when this node stands for election, and runs the election. */
public final class Elections {
  private static final Duration VOTE_TIMEOUT = Duration.ofSeconds(3);
  private static final long TICK_MILLIS = 50;

  /**
   * A lost election is repeated only after the winner, or newer entries, may have been heard of.
   */
  private static final long RETRY_NANOS = 500_000_000;

  private final ReplicaSet set;
  private final Heartbeats heartbeats;
  private final Peers peers;
  private final ServerLog log;
  private final Consumer<FatalError> onFatal;
  private final Semaphore running = new Semaphore(1);
  private final Thread timer = new Thread(this::run, "ReplCoord-timer");
  private volatile boolean stopped;
  private double offset = ThreadLocalRandom.current().nextDouble(0.15);
  private long takeoverDue;
  private long nextAttempt = Long.MIN_VALUE;

  /** Set by whoever initiates the set: it stands as soon as a majority has the configuration. */
  private volatile boolean standSoon;

  public Elections(
      ReplicaSet set,
      Heartbeats heartbeats,
      Peers peers,
      ServerLog log,
      Consumer<FatalError> onFatal) {
    this.peers = peers;
    this.onFatal = onFatal;
    this.set = set;
    this.heartbeats = heartbeats;
    this.log = log;
    timer.setDaemon(true);
  }

  public void start() {
    timer.start();
  }

  public void stop() {
    stopped = true;
    timer.interrupt();
    heartbeats.stop();
  }

  public void standSoon() {
    standSoon = true;
  }

  private void run() {
    while (!stopped) {
      try {
        tick();
        Thread.sleep(TICK_MILLIS);
      } catch (InterruptedException e) {
        return;
      } catch (FatalError e) {
        onFatal.accept(e);
      } catch (RuntimeException e) {
        if (!stopped) {
          onFatal.accept(FatalError.unexpected(log, e));
        }
      }
    }
  }

  private void tick() throws InterruptedException {
    if (set.config() == null || set.self() == null) {
      return;
    }
    heartbeats.ensureRunning();
    if (set.isPrimary()) {
      if (!set.seesMajority()) {
        log.info("REPL", 21809, "Can't see a majority of the set, relinquishing primary");
        set.stepDown(0);
      }
      return;
    }
    long now = System.nanoTime();
    if (set.state() != MemberState.SECONDARY
        || !set.self().electable()
        || now < nextAttempt
        || now < set.noElectionBefore()) {
      takeoverDue = 0;
      return;
    }
    if (isDue(now)) {
      offset = ThreadLocalRandom.current().nextDouble(0.15);
      if (!elect("timeout")) {
        nextAttempt = System.nanoTime() + RETRY_NANOS;
      }
    }
  }

  private boolean isDue(long now) {
    if (set.others().isEmpty()) {
      return true;
    }
    if (standSoon && set.seesMajority() && majorityHasConfig()) {
      standSoon = false;
      return true;
    }
    long timeout = set.config().electionTimeoutMillis() * 1_000_000;
    Member primary = set.primaryMember();
    if (primary == null || now - set.primaryContact() > timeout) {
      takeoverDue = 0;
      return now - set.primaryContact() > timeout * (1 + offset);
    }
    return takeoverIsDue(now, timeout, primary);
  }

  private boolean majorityHasConfig() {
    long have =
        set.others().stream()
            .filter(Member::votes1)
            .filter(m -> set.view(m.id()).configVersion() == set.config().version())
            .count();
    return have + 1 >= set.config().majority();
  }

  /** A member with a higher priority than the primary takes over once it has caught up. */
  private boolean takeoverIsDue(long now, long timeout, Member primary) {
    long behind = (set.view(primary.id()).applied().ts() >>> 32) - (set.applied().ts() >>> 32);
    if (set.self().priority() <= primary.priority() || behind > 2) {
      takeoverDue = 0;
      return false;
    }
    if (takeoverDue == 0) {
      long higher =
          set.config().members().stream().filter(m -> m.priority() > set.self().priority()).count();
      takeoverDue = now + timeout * (higher + 1);
    }
    return now > takeoverDue;
  }

  /**
   * Stands for election now.
   *
   * @throws CommandException 125 when the election is not won
   */
  public void stepUp() throws InterruptedException {
    if (set.isPrimary()) {
      return;
    }
    if (!set.self().electable() || set.state() != MemberState.SECONDARY) {
      throw failed("Election failed: node is not electable, it is " + set.state().label());
    }
    if (!elect("step up request")) {
      throw failed("Election failed.");
    }
  }

  private static CommandException failed(String message) {
    return new CommandException(125, "CommandFailed", message);
  }

  private boolean elect(String reason) throws InterruptedException {
    if (!running.tryAcquire()) {
      return false;
    }
    try {
      takeoverDue = 0;
      long term = set.startElection();
      log.info("ELECTION", 21438, "Starting an election", "reason", reason, "newTerm", term);
      int missing = set.config().majority() - (set.self().votes1() ? 1 : 0);
      boolean won = missing <= 0 || collectVotes(term, missing);
      if (!won || set.term() != term) {
        log.info("ELECTION", 21447, "Not becoming primary", "term", term);
        return false;
      }
      log.info("ELECTION", 21450, "Election succeeded, assuming primary role", "term", term);
      set.becomePrimary(term);
      heartbeats.hurry();
      return set.isPrimary();
    } finally {
      running.release();
    }
  }

  private boolean collectVotes(long term, int needed) throws InterruptedException {
    Semaphore answers = new Semaphore(0);
    AtomicInteger granted = new AtomicInteger();
    int asked = 0;
    for (Member voter : set.others()) {
      if (voter.votes1()) {
        asked++;
        Thread thread =
            new Thread(
                () -> {
                  if (ask(voter, term)) {
                    granted.incrementAndGet();
                  }
                  answers.release();
                },
                "vote-" + voter.id());
        thread.setDaemon(true);
        thread.start();
      }
    }
    long deadline = System.nanoTime() + VOTE_TIMEOUT.toNanos();
    for (int i = 0; i < asked && granted.get() < needed; i++) {
      if (!answers.tryAcquire(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        break;
      }
    }
    return granted.get() >= needed;
  }

  private boolean ask(Member voter, long term) {
    try (WireClient client = peers.connect(voter.host(), VOTE_TIMEOUT)) {
      BsonDocument reply =
          client.run(
              "admin",
              new BsonDocument("replSetRequestVotes", new BsonInt32(1))
                  .append("setName", new BsonString(set.setName()))
                  .append("term", new BsonInt64(term))
                  .append("candidateIndex", new BsonInt32(set.self().id()))
                  .append("lastAppliedOpTime", set.applied().toBson()),
              VOTE_TIMEOUT);
      set.seeTerm(reply.getNumber("term").longValue());
      return reply.getBoolean("voteGranted").getValue();
    } catch (IOException | CommandException e) {
      return false;
    }
  }
}
