package io.stillpoint.mongo;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bson.BsonDocument;

/**
 * How one member sees its whole set.
 *
 * @param status reply of replSetGetStatus
 * @param configuration the set's configuration
 */
record ReplicaSetView(SetAddress set, BsonDocument status, BsonDocument configuration) {

  /**
   * Asks the first of the hosts that answers, and then the primary that this one names, whose view
   * is the freshest.
   *
   * @throws StillpointException MONGO_UNREACHABLE if no member answers, MONGO_NOT_AUTHORIZED
   */
  static ReplicaSetView read(MongoConnections connections, String cluster, SetAddress set) {
    List<String> tried = new ArrayList<>();
    StillpointException failure = null;
    for (String host : set.hosts()) {
      try {
        ReplicaSetView view = from(connections.server(cluster, host), set);
        Optional<String> primary = view.primary().filter(p -> !p.equals(host));
        return primary.isPresent()
            ? fresher(connections.server(cluster, primary.get()), view)
            : view;
      } catch (StillpointException e) {
        if (e.code() == ErrorCode.MONGO_NOT_AUTHORIZED) {
          throw e;
        }
        tried.add(host);
        failure = e;
      }
    }
    throw new StillpointException(
        ErrorCode.MONGO_UNREACHABLE,
        "no member of replica set '%s' answered: %s (%s)"
            .formatted(set.name(), tried, failure == null ? "" : failure.getMessage()),
        "check that they run and that this worker may connect to them",
        failure);
  }

  Optional<String> primary() {
    return BsonFields.documents(status, "members").stream()
        .filter(m -> "PRIMARY".equals(BsonFields.string(m, "stateStr")))
        .map(m -> BsonFields.string(m, "name"))
        .findFirst();
  }

  /** This view's entry for a member; empty if it has none. */
  BsonDocument statusOf(String address) {
    return BsonFields.documents(status, "members").stream()
        .filter(m -> address.equals(BsonFields.string(m, "name")))
        .findFirst()
        .orElseGet(BsonDocument::new);
  }

  List<BsonDocument> memberConfigurations() {
    return BsonFields.documents(configuration, "members");
  }

  private static ReplicaSetView fresher(ServerConnection primary, ReplicaSetView view) {
    try {
      return from(primary, view.set());
    } catch (StillpointException e) {
      if (e.code() == ErrorCode.MONGO_NOT_AUTHORIZED) {
        throw e;
      }
      return view;
    }
  }

  private static ReplicaSetView from(ServerConnection server, SetAddress set) {
    BsonDocument status = server.admin("replSetGetStatus");
    BsonDocument configuration = BsonFields.document(server.admin("replSetGetConfig"), "config");
    String name = BsonFields.string(configuration, "_id");
    if (!set.name().isEmpty() && !set.name().equals(name)) {
      throw new StillpointException(
          ErrorCode.MONGO_COMMAND_FAILED,
          "%s belongs to replica set '%s', not to '%s'"
              .formatted(server.address(), name, set.name()),
          "correct the cluster's uri or the address in config.shards");
    }
    return new ReplicaSetView(
        new SetAddress(name, set.shardId(), set.role(), set.hosts()), status, configuration);
  }
}
