package io.stillpoint.sandbox.mongos;

import static io.stillpoint.sandbox.mongos.Bson.doc;
import static io.stillpoint.sandbox.mongos.Bson.isOk;

import io.stillpoint.sandbox.auth.RoleCatalog;
import io.stillpoint.sandbox.auth.RoleName;
import io.stillpoint.sandbox.auth.User;
import io.stillpoint.sandbox.auth.Users;
import io.stillpoint.sandbox.wire.CommandException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.bson.BsonDocument;

/**
 * The users of a sharded cluster, which its config server keeps. They are looked up now and then.
 */
final class ConfigServerUsers implements Users {
  /** A real router remembers them for 30 s; tests should not have to wait for so long. */
  private static final long REMEMBERED_NANOS = 1_000_000_000L;

  private record Known(Optional<User> user, long readAt) {}

  private final ReplicaSetClient config;
  private final Map<String, Known> known = new ConcurrentHashMap<>();

  ConfigServerUsers(ReplicaSetClient config) {
    this.config = config;
  }

  @Override
  public Optional<User> find(String name, String db) {
    String id = db + "." + name;
    Known last = known.get(id);
    if (last == null || System.nanoTime() - last.readAt() > REMEMBERED_NANOS) {
      last = new Known(read(id, db), System.nanoTime());
      known.put(id, last);
    }
    return last.user();
  }

  private Optional<User> read(String id, String db) {
    RoleCatalog roles =
        new RoleCatalog(
            role ->
                documents("system.roles", role.db() + "." + role.role()).stream()
                    .findFirst()
                    .orElse(null));
    return documents("system.users", id).stream()
        .findFirst()
        .map(
            user -> User.of(user, roles.privileges(RoleName.parseAll(user.getArray("roles"), db))));
  }

  /** The members of a sharded cluster make their users on the config server itself. */
  @Override
  public boolean isEmpty() {
    BsonDocument all = doc("find", "system.users", "limit", 1, "singleBatch", true);
    return run(all).isEmpty();
  }

  private List<BsonDocument> documents(String collection, String id) {
    return run(doc("find", collection, "filter", doc("_id", id), "limit", 1, "singleBatch", true));
  }

  private List<BsonDocument> run(BsonDocument find) {
    BsonDocument reply = config.send("admin", find, true).body();
    if (!isOk(reply)) {
      throw CommandException.of(reply);
    }
    return reply.getDocument("cursor").getArray("firstBatch").stream()
        .map(each -> each.asDocument())
        .toList();
  }
}
