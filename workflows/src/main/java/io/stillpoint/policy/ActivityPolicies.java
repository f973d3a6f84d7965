package io.stillpoint.policy;

import io.temporal.activity.ActivityCancellationType;
import io.temporal.activity.ActivityOptions;
import io.temporal.activity.LocalActivityOptions;
import io.temporal.common.RetryOptions;
import java.time.Duration;

/** Every timeout and retry of both workflows, in one place, each with its reason. */
public final class ActivityPolicies {

  /** A worker that dies is noticed after this; then the next one takes over. */
  private static final Duration HEARTBEAT = Duration.ofSeconds(10);

  /** Each of a hundred cursors' keepers beating every three seconds took 8 % of a core. */
  private static final int MANY_CURSORS = 32;

  private static final Duration HEARTBEAT_OF_MANY = Duration.ofSeconds(20);

  /** A node agent is told dead from busy by this: nobody took the first task in time. */
  public static final Duration AGENT_ANSWERS = Duration.ofSeconds(20);

  /** An agent that was alive may be restarted in the middle of a copy; give it this long. */
  private static final Duration AGENT_RETURNS = Duration.ofMinutes(3);

  private static final Duration BRIEF = Duration.ofSeconds(2);
  private static final Duration BRIEF_LOOK = Duration.ofSeconds(4);

  private ActivityPolicies() {}

  /**
   * Single commands: a few retries ride out an election. The time limit is also how long the answer
   * of a worker that died is waited for, so it is little above the driver's own limits.
   */
  public static ActivityOptions command(String summary) {
    return base(summary)
        .setStartToCloseTimeout(Duration.ofSeconds(15))
        .setScheduleToCloseTimeout(Duration.ofMinutes(2))
        .build();
  }

  /**
   * The proof of the cursors: repeated for longer than their keepers wait for a silent member, so
   * that a copy which is good is not given up before the cursor is.
   */
  public static ActivityOptions proof(String summary) {
    return base(summary)
        .setStartToCloseTimeout(Duration.ofSeconds(15))
        .setScheduleToCloseTimeout(Duration.ofMinutes(8))
        .build();
  }

  /** Reads and writes on many servers at once, some of which may answer only by a timeout. */
  public static ActivityOptions quick(String summary) {
    return base(summary)
        .setStartToCloseTimeout(Duration.ofMinutes(1))
        .setHeartbeatTimeout(HEARTBEAT)
        .setScheduleToCloseTimeout(Duration.ofMinutes(2))
        .build();
  }

  /**
   * Small records in the catalog, which every control worker has at hand: run within the workflow's
   * own task, they cost history one event instead of six.
   */
  public static LocalActivityOptions record(String summary) {
    return LocalActivityOptions.newBuilder()
        .setSummary(summary)
        .setStartToCloseTimeout(Duration.ofMinutes(1))
        .setScheduleToCloseTimeout(Duration.ofMinutes(10))
        .setRetryOptions(
            RetryOptions.newBuilder()
                .setInitialInterval(Duration.ofMillis(500))
                .setBackoffCoefficient(2)
                .setMaximumInterval(Duration.ofSeconds(20))
                .build())
        .build();
  }

  /**
   * Short reads from all servers, or a record of all of them, as {@link #record} runs. A worker
   * that dies with it is noticed as soon as by a heartbeat, by the time limit of the workflow's
   * task. What it was given is in the history already.
   */
  public static LocalActivityOptions look(String summary) {
    return LocalActivityOptions.newBuilder(record(summary))
        .setScheduleToCloseTimeout(Duration.ofMinutes(2))
        .setDoNotIncludeArgumentsIntoMarker(true)
        .build();
  }

  /**
   * The first try of a {@link BriefStep}: long enough for a few commands on a busy worker, and what
   * an open cursor may wait for at most.
   */
  public static LocalActivityOptions brief(String summary) {
    return once(summary, BRIEF);
  }

  /**
   * As {@link #brief} for reads from all servers, and records before anything waits: long enough
   * for a large cluster, and what a cancel may wait for at most.
   */
  public static LocalActivityOptions briefLook(String summary) {
    return once(summary, BRIEF_LOOK);
  }

  private static LocalActivityOptions once(String summary, Duration limit) {
    return LocalActivityOptions.newBuilder()
        .setSummary(summary)
        .setStartToCloseTimeout(limit)
        .setScheduleToCloseTimeout(limit)
        .setRetryOptions(RetryOptions.newBuilder().setMaximumAttempts(1).build())
        .setDoNotIncludeArgumentsIntoMarker(true)
        .build();
  }

  /** Reading a manifest and its file lists: 200,000 entries per member are normal. */
  public static ActivityOptions catalog(String summary) {
    return base(summary)
        .setStartToCloseTimeout(Duration.ofMinutes(2))
        .setScheduleToCloseTimeout(Duration.ofMinutes(10))
        .setHeartbeatTimeout(HEARTBEAT)
        // A write that was given up must not come after the record of the end.
        .setCancellationType(ActivityCancellationType.WAIT_CANCELLATION_COMPLETED)
        .build();
  }

  /** Waits that end by themselves with a clear error: quiet, settled, members up. */
  public static ActivityOptions longWait(String summary) {
    return base(summary)
        .setStartToCloseTimeout(Duration.ofMinutes(30))
        .setScheduleToCloseTimeout(Duration.ofHours(1))
        .setHeartbeatTimeout(Duration.ofSeconds(30))
        .build();
  }

  /** Opening waits for a running checkpoint and drains the whole file list. */
  public static ActivityOptions open(String summary) {
    return base(summary)
        .setStartToCloseTimeout(Duration.ofMinutes(5))
        .setScheduleToCloseTimeout(Duration.ofMinutes(10))
        .setHeartbeatTimeout(Duration.ofSeconds(30))
        .setCancellationType(ActivityCancellationType.WAIT_CANCELLATION_COMPLETED)
        .build();
  }

  /**
   * Extending must never be interrupted once it was sent (servers before 7.0 abort), so the time
   * limit is far above the wait for the point that precedes it.
   */
  public static ActivityOptions extend(String summary) {
    return base(summary)
        .setStartToCloseTimeout(Duration.ofMinutes(5))
        .setScheduleToCloseTimeout(Duration.ofMinutes(10))
        .setHeartbeatTimeout(Duration.ofSeconds(30))
        .setCancellationType(ActivityCancellationType.WAIT_CANCELLATION_COMPLETED)
        .build();
  }

  /**
   * Keeping a cursor alive: as long as the copy may take. The retry is immediate because the server
   * forgets an unused cursor after ten minutes. Its keeper beats three times within the heartbeat's
   * limit, and beats are nearly all that a waiting worker costs.
   *
   * @param cursors of the same backup: from many on, they are adopted a little later instead
   */
  public static ActivityOptions keepAlive(String summary, Duration copyDeadline, int cursors) {
    return ActivityOptions.newBuilder()
        .setSummary(summary)
        .setStartToCloseTimeout(copyDeadline.plusHours(2))
        .setHeartbeatTimeout(cursors > MANY_CURSORS ? HEARTBEAT_OF_MANY : HEARTBEAT)
        .setCancellationType(ActivityCancellationType.TRY_CANCEL)
        .setRetryOptions(
            RetryOptions.newBuilder()
                .setInitialInterval(Duration.ofMillis(200))
                .setBackoffCoefficient(1.5)
                .setMaximumInterval(Duration.ofSeconds(5))
                .build())
        .build();
  }

  /** Reading what an agent would work with: the first call tells dead from busy. */
  public static ActivityOptions inspect(String summary, String member) {
    return base(summary)
        .setTaskQueue(TaskQueues.node(member))
        .setScheduleToStartTimeout(AGENT_ANSWERS)
        .setStartToCloseTimeout(Duration.ofMinutes(2))
        .setHeartbeatTimeout(HEARTBEAT)
        .setScheduleToCloseTimeout(Duration.ofMinutes(5))
        .build();
  }

  /** Copies: bounded by the deadline that the user set, resumed by a restarted agent. */
  public static ActivityOptions copy(String summary, String queue, Duration deadline) {
    return base(summary)
        .setTaskQueue(queue)
        .setScheduleToStartTimeout(AGENT_RETURNS)
        .setStartToCloseTimeout(deadline)
        .setScheduleToCloseTimeout(deadline.plusMinutes(10))
        .setHeartbeatTimeout(Duration.ofSeconds(30))
        .setCancellationType(ActivityCancellationType.WAIT_CANCELLATION_COMPLETED)
        .build();
  }

  /** Steps on a host: starting, stopping, swapping, recovering (recovery replays the journal). */
  public static ActivityOptions host(String summary, String member) {
    return base(summary)
        .setTaskQueue(TaskQueues.node(member))
        .setScheduleToStartTimeout(AGENT_RETURNS)
        .setStartToCloseTimeout(Duration.ofHours(4))
        .setScheduleToCloseTimeout(Duration.ofHours(6))
        .setHeartbeatTimeout(Duration.ofSeconds(30))
        .setCancellationType(ActivityCancellationType.WAIT_CANCELLATION_COMPLETED)
        .build();
  }

  /** Undoing what was done over the network: tried for a day, visible all the while. */
  public static ActivityOptions cleanUp(String summary) {
    return base(summary)
        .setStartToCloseTimeout(Duration.ofMinutes(10))
        .setScheduleToCloseTimeout(Duration.ofDays(1))
        .setHeartbeatTimeout(Duration.ofMinutes(1))
        .build();
  }

  /**
   * Closing the cursors of a failed backup: beyond this the server's own idle limit has closed them
   * anyway, or the member is gone and they with it.
   */
  public static ActivityOptions closeOrphans(String summary) {
    return base(summary)
        .setStartToCloseTimeout(Duration.ofSeconds(15))
        .setScheduleToCloseTimeout(Duration.ofMinutes(12))
        .build();
  }

  /**
   * Deleting what a failed attempt cut. An agent that does not come back in this time must not hold
   * the cluster; what is left then is noted, and found by its name later.
   */
  public static ActivityOptions delete(String summary, String queue) {
    return base(summary)
        .setTaskQueue(queue)
        .setScheduleToStartTimeout(AGENT_RETURNS)
        .setStartToCloseTimeout(Duration.ofMinutes(10))
        .setScheduleToCloseTimeout(Duration.ofMinutes(15))
        .setHeartbeatTimeout(Duration.ofMinutes(1))
        .build();
  }

  /** Listing a cloud page by page, and one call for each snapshot that is changed. */
  public static ActivityOptions inventory(String summary) {
    return base(summary)
        .setStartToCloseTimeout(Duration.ofMinutes(30))
        .setScheduleToCloseTimeout(Duration.ofMinutes(45))
        .setHeartbeatTimeout(Duration.ofMinutes(1))
        .build();
  }

  /** Writing onto snapshots what a catalog knows already must not hold a finished backup up. */
  public static ActivityOptions inscribe(String summary) {
    return base(summary)
        .setStartToCloseTimeout(Duration.ofMinutes(5))
        .setScheduleToCloseTimeout(Duration.ofMinutes(10))
        .setHeartbeatTimeout(Duration.ofMinutes(1))
        .build();
  }

  /** Telling a webhook: an end waits for it, so it gives up before a person would notice. */
  public static ActivityOptions notice(String summary) {
    return base(summary)
        .setStartToCloseTimeout(Duration.ofSeconds(20))
        .setScheduleToCloseTimeout(Duration.ofMinutes(2))
        .build();
  }

  /** Undoing on a host waits for its agent to come back: a day, visible all the while. */
  public static ActivityOptions undo(String summary, String queue) {
    return base(summary)
        .setTaskQueue(queue)
        .setStartToCloseTimeout(Duration.ofHours(4))
        .setScheduleToCloseTimeout(Duration.ofDays(1))
        .setHeartbeatTimeout(Duration.ofSeconds(30))
        .build();
  }

  /** Time limits bound the retries, never a count: a draining worker would use a count up. */
  private static ActivityOptions.Builder base(String summary) {
    return ActivityOptions.newBuilder()
        .setSummary(summary)
        .setRetryOptions(
            RetryOptions.newBuilder()
                .setInitialInterval(Duration.ofMillis(500))
                .setBackoffCoefficient(2)
                .setMaximumInterval(Duration.ofSeconds(20))
                .build());
  }
}
