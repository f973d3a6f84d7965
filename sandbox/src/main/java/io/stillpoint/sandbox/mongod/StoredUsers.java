package io.stillpoint.sandbox.mongod;

import io.stillpoint.sandbox.auth.RoleCatalog;
import io.stillpoint.sandbox.auth.RoleName;
import io.stillpoint.sandbox.auth.User;
import io.stillpoint.sandbox.auth.Users;
import io.stillpoint.sandbox.mongod.catalog.Collection;
import io.stillpoint.sandbox.mongod.query.Documents;
import java.util.Optional;
import org.bson.BsonDocument;
import org.bson.BsonString;

/** The users and roles in this server's own data, which is replicated, backed up and restored. */
public final class StoredUsers implements Users {
  public static final String USERS = "admin.system.users";
  public static final String ROLES = "admin.system.roles";

  private final Store store;

  StoredUsers(Store store) {
    this.store = store;
  }

  /** The {@code _id} of a user or role. */
  public static BsonString id(String db, String name) {
    return new BsonString(db + "." + name);
  }

  @Override
  public Optional<User> find(String name, String db) {
    return store.read(
        () ->
            Optional.ofNullable(document(store, USERS, id(db, name)))
                .map(
                    user ->
                        User.of(
                            user,
                            roles(store)
                                .privileges(RoleName.parseAll(user.getArray("roles"), db)))));
  }

  @Override
  public boolean isEmpty() {
    return store.read(() -> isEmpty(USERS) && isEmpty(ROLES));
  }

  private boolean isEmpty(String ns) {
    Collection collection = store.catalog().get(ns);
    return collection == null || collection.rows().isEmpty();
  }

  /** To be used under the store's lock. */
  public static RoleCatalog roles(Store store) {
    return new RoleCatalog(name -> document(store, ROLES, id(name.db(), name.role())));
  }

  /** A copy, or null; under the store's lock. */
  public static BsonDocument document(Store store, String ns, BsonString id) {
    Collection collection = store.catalog().get(ns);
    Long record = collection == null ? null : collection.recordOf(id);
    return record == null ? null : Documents.copy(collection.document(record));
  }
}
