package io.stillpoint.policy;

/** The names of the task queues. */
public final class TaskQueues {

  /** Control workers: workflows, and every activity that needs only the network. */
  public static final String CONTROL = "stillpoint";

  private TaskQueues() {}

  /** The node agent that serves this member (host:port as the replica set writes it). */
  public static String node(String member) {
    return "node/" + member;
  }
}
