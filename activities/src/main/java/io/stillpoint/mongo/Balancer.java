package io.stillpoint.mongo;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.BalancerSettings;
import io.stillpoint.model.ReplicaSetRole;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.bson.BsonArray;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;

/**
 * The balancer of a sharded cluster. Its state is two documents of config.settings; the server's
 * own start command does not restore them (autosplit comes back on, modes are lost), so they are
 * read before and written back whole.
 */
public final class Balancer {

  private static final String CONFIG = "config";
  private static final String SETTINGS = "settings";
  private static final String BALANCER = "balancer";
  private static final String AUTOSPLIT = "autosplit";

  /** Stopping joins the round that is running; below the read timeout, and repeated. */
  private static final int STOP_MILLIS = 8000;

  private static final int MAX_TIME_EXPIRED = 50;

  private final MongoConnections connections;
  private final LayoutReader layouts;
  private final Duration deadline;

  public Balancer(MongoConnections connections) {
    this(connections, Duration.ofMinutes(10));
  }

  /**
   * @param deadline how long a running round may take to end
   */
  public Balancer(MongoConnections connections, Duration deadline) {
    this.connections = connections;
    this.layouts = new LayoutReader(connections);
    this.deadline = deadline;
  }

  /** NONE for a cluster that is not sharded. */
  public BalancerSettings read(String cluster) {
    ClusterLayout layout = layouts.read(cluster);
    if (!layout.sharded()) {
      return BalancerSettings.NONE;
    }
    ServerConnection primary = configPrimary(layout);
    Optional<BsonDocument> balancer = setting(primary, BALANCER);
    return new BalancerSettings(
        balancer.map(ExtendedJson::write).orElse(""),
        setting(primary, AUTOSPLIT).map(ExtendedJson::write).orElse(""),
        balancer.map(Balancer::isEnabled).orElse(true));
  }

  /**
   * Stops the balancer and waits until no round runs.
   *
   * @param waiting called now and then while a round still runs
   * @throws StillpointException BALANCER_NOT_STOPPED after the deadline
   */
  public void stop(String cluster, Runnable waiting) {
    ClusterLayout layout = layouts.read(cluster);
    if (!layout.sharded()) {
      return;
    }
    Backoff backoff = new Backoff(Duration.ofMillis(50), Duration.ofSeconds(2), deadline);
    while (!stopOnce(layout)) {
      waiting.run();
      if (!backoff.pause()) {
        throw new StillpointException(
            ErrorCode.BALANCER_NOT_STOPPED,
            "the balancer of cluster '%s' is still in a round after %d s"
                .formatted(cluster, deadline.toSeconds()),
            "look with sh.status() at what it moves, and start the backup again afterwards");
      }
    }
  }

  /** Writes both documents as they were saved; what was absent is removed. Idempotent. */
  public void write(String cluster, BalancerSettings saved) {
    ClusterLayout layout = layouts.read(cluster);
    if (!layout.sharded() || saved.equals(BalancerSettings.NONE)) {
      return;
    }
    put(configPrimary(layout), saved);
  }

  /**
   * As {@link #write(String, BalancerSettings)}, by the config server's own addresses: after a
   * restore the servers that the cluster's URI names may not be up yet.
   */
  public void write(String cluster, String set, List<String> members, BalancerSettings saved) {
    if (saved.equals(BalancerSettings.NONE)) {
      return;
    }
    SetAddress config = new SetAddress(set, CONFIG, ReplicaSetRole.CONFIG_SERVER, members);
    put(SetPrimary.find(connections, cluster, config), saved);
  }

  private static void put(ServerConnection primary, BalancerSettings saved) {
    put(primary, BALANCER, ExtendedJson.read(saved.balancer()));
    put(primary, AUTOSPLIT, ExtendedJson.read(saved.autosplit()));
  }

  private boolean stopOnce(ClusterLayout layout) {
    StillpointException failure = null;
    for (String router : layout.routers()) {
      try {
        ServerConnection server = connections.server(layout.cluster(), router);
        return isStopped(server, "balancerStop", "balancerStatus");
      } catch (StillpointException e) {
        if (e.code() != ErrorCode.MONGO_UNREACHABLE) {
          throw e;
        }
        failure = e;
      }
    }
    try {
      return isStopped(configPrimary(layout), "_configsvrBalancerStop", "_configsvrBalancerStatus");
    } catch (StillpointException e) {
      if (failure != null) {
        e.addSuppressed(failure);
      }
      throw e;
    }
  }

  private static boolean isStopped(ServerConnection server, String stop, String status) {
    try {
      server.admin(
          new BsonDocument(stop, new BsonInt32(1)).append("maxTimeMS", new BsonInt32(STOP_MILLIS)));
    } catch (StillpointException e) {
      if (ServerErrors.codeOf(e) != MAX_TIME_EXPIRED) {
        throw e;
      }
    }
    BsonDocument state = server.admin(status);
    return "off".equals(BsonFields.string(state, "mode"))
        && !BsonFields.flag(state, "inBalancerRound");
  }

  private ServerConnection configPrimary(ClusterLayout layout) {
    return SetPrimary.find(connections, layout.cluster(), layout.configServer().orElseThrow());
  }

  private static Optional<BsonDocument> setting(ServerConnection primary, String id) {
    return primary.findOne(CONFIG, SETTINGS, byId(id));
  }

  private static boolean isEnabled(BsonDocument balancer) {
    return !BsonFields.flag(balancer, "stopped")
        && !"off".equals(BsonFields.string(balancer, "mode"));
  }

  private static void put(ServerConnection primary, String id, BsonDocument saved) {
    if (setting(primary, id).orElseGet(BsonDocument::new).equals(saved)) {
      return;
    }
    BsonDocument command =
        saved.isEmpty()
            ? new BsonDocument("delete", new BsonString(SETTINGS))
                .append("deletes", one(new BsonDocument("q", byId(id)).append("limit", one())))
            : new BsonDocument("update", new BsonString(SETTINGS))
                .append(
                    "updates",
                    one(
                        new BsonDocument("q", byId(id))
                            .append("u", saved)
                            .append("upsert", BsonBoolean.TRUE)));
    BsonDocument reply =
        primary.run(
            CONFIG,
            command.append(
                "writeConcern",
                new BsonDocument("w", new BsonString("majority"))
                    .append("wtimeout", new BsonInt32(STOP_MILLIS))));
    if (reply.containsKey("writeConcernError")) {
      throw new StillpointException(
          ErrorCode.MONGO_COMMAND_FAILED,
          "the balancer's settings were not written to a majority of the config server: %s"
              .formatted(BsonFields.string(reply, "writeConcernError.errmsg")),
          "it is tried again; check the members of the config server");
    }
  }

  private static BsonInt32 one() {
    return new BsonInt32(1);
  }

  private static BsonArray one(BsonDocument document) {
    return new BsonArray(List.of(document));
  }

  private static BsonDocument byId(String id) {
    return new BsonDocument("_id", new BsonString(id));
  }
}
