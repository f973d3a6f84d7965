package io.stillpoint.mongo;

import io.stillpoint.activity.ClusterActivities.StepUpRequest;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.bson.BsonDocument;

/**
 * Makes the preferred member of a freshly started set its primary. Without it the election waits
 * for electionTimeoutMillis, ten seconds by default; asked, it takes place at once (measured).
 */
public final class StepUp {

  private final MongoConnections connections;
  private final Duration deadline;

  public StepUp(MongoConnections connections) {
    this(connections, Duration.ofMinutes(20));
  }

  /**
   * @param deadline for all members to replay their oplogs and answer
   */
  public StepUp(MongoConnections connections, Duration deadline) {
    this.connections = connections;
    this.deadline = deadline;
  }

  /**
   * Returns once every member is primary or secondary and one of them is a writable primary.
   *
   * @param waiting told each member's state on every look
   * @throws StillpointException MONGOD_NOT_STARTED with the state of each member
   */
  public void run(StepUpRequest request, Consumer<Map<String, String>> waiting) {
    Backoff backoff = new Backoff(Duration.ofMillis(50), Duration.ofMillis(500), deadline);
    while (true) {
      Map<String, String> states = states(request);
      boolean primary = states.containsValue("PRIMARY");
      boolean allUp = states.values().stream().allMatch(StepUp::isUp);
      if (primary && allUp) {
        return;
      }
      if (!primary && "SECONDARY".equals(states.get(request.preferred()))) {
        askToStepUp(request);
      }
      waiting.accept(states);
      if (!backoff.pause()) {
        throw new StillpointException(
            ErrorCode.MONGOD_NOT_STARTED,
            "set '%s' has no primary with all members up after %d s: %s"
                .formatted(request.set(), deadline.toSeconds(), states),
            "look at the logs of the members that are neither PRIMARY nor SECONDARY");
      }
    }
  }

  private Map<String, String> states(StepUpRequest request) {
    Map<String, String> states = new LinkedHashMap<>();
    for (String member : request.members()) {
      states.put(member, state(request, member));
    }
    return states;
  }

  private String state(StepUpRequest request, String member) {
    BsonDocument hello;
    try {
      hello = connections.probe(request.cluster(), member).hello();
    } catch (StillpointException e) {
      if (e.code() == ErrorCode.MONGO_NOT_AUTHORIZED) {
        throw e;
      }
      return "not answering";
    }
    String set = BsonFields.string(hello, "setName");
    if (!set.isEmpty() && !set.equals(request.set())) {
      return "member of set '" + set + "'";
    }
    if (BsonFields.flag(hello, "isWritablePrimary") || BsonFields.flag(hello, "ismaster")) {
      return "PRIMARY";
    }
    return BsonFields.flag(hello, "secondary") ? "SECONDARY" : "recovering";
  }

  /** A refusal is normal while the other members do not answer yet; it is asked again. */
  private void askToStepUp(StepUpRequest request) {
    try {
      connections.probe(request.cluster(), request.preferred()).admin("replSetStepUp");
    } catch (StillpointException e) {
      if (e.code() == ErrorCode.MONGO_NOT_AUTHORIZED) {
        throw e;
      }
    }
  }

  private static boolean isUp(String state) {
    return state.equals("PRIMARY") || state.equals("SECONDARY");
  }
}
