package io.stillpoint.mongo;

import io.stillpoint.activity.ClusterActivities.StepUpRequest;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
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

  /** What a member said about itself. */
  private record Look(String state, boolean elected, BsonDocument lastWrite) {

    static Look of(String state) {
      return new Look(state, false, new BsonDocument());
    }

    boolean isUp() {
      return state.equals("PRIMARY") || state.equals("SECONDARY");
    }
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
      Map<String, Look> looks = new LinkedHashMap<>();
      request.members().forEach(m -> looks.put(m, look(request, m)));
      Map<String, String> states = new LinkedHashMap<>();
      looks.forEach((member, look) -> states.put(member, look.state()));
      boolean primary = states.containsValue("PRIMARY");
      if (primary && looks.values().stream().allMatch(Look::isUp)) {
        return;
      }
      if (!primary) {
        helpElection(request, looks);
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

  private void helpElection(StepUpRequest request, Map<String, Look> looks) {
    Optional<String> elected =
        looks.entrySet().stream()
            .filter(e -> e.getValue().elected())
            .map(Map.Entry::getKey)
            .findFirst();
    if (elected.isPresent()) {
      if (areEqual(looks)) {
        ask(request, elected.get(), "replSetAbortPrimaryCatchUp");
      }
    } else if ("SECONDARY".equals(looks.get(request.preferred()).state())) {
      ask(request, request.preferred(), "replSetStepUp");
    }
  }

  /**
   * Whether no member has anything that another lacks. An arbiter that was not restarted still
   * remembers how far the set was before its data was put back, and an elected primary would wait
   * for ever to get there (measured on 4.4.6-8).
   */
  private static boolean areEqual(Map<String, Look> looks) {
    return looks.values().stream().allMatch(l -> l.isUp() && !l.lastWrite().isEmpty())
        && looks.values().stream().map(Look::lastWrite).distinct().count() == 1;
  }

  private Look look(StepUpRequest request, String member) {
    BsonDocument hello;
    try {
      hello = connections.probe(request.cluster(), member).hello();
    } catch (StillpointException e) {
      if (e.code() == ErrorCode.MONGO_NOT_AUTHORIZED) {
        throw e;
      }
      return Look.of("not answering");
    }
    String set = BsonFields.string(hello, "setName");
    if (!set.isEmpty() && !set.equals(request.set())) {
      return Look.of("member of set '" + set + "'");
    }
    if (BsonFields.flag(hello, "isWritablePrimary") || BsonFields.flag(hello, "ismaster")) {
      return Look.of("PRIMARY");
    }
    if (!BsonFields.flag(hello, "secondary")) {
      return Look.of("recovering");
    }
    String primary = BsonFields.string(hello, "primary");
    return new Look(
        "SECONDARY",
        !primary.isEmpty() && primary.equals(BsonFields.string(hello, "me")),
        BsonFields.document(hello, "lastWrite.opTime"));
  }

  /** A refusal is normal while the other members do not answer yet; it is asked again. */
  private void ask(StepUpRequest request, String member, String command) {
    try {
      connections.probe(request.cluster(), member).admin(command);
    } catch (StillpointException e) {
      if (e.code() == ErrorCode.MONGO_NOT_AUTHORIZED) {
        throw e;
      }
    }
  }
}
