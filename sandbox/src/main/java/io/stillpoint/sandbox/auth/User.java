package io.stillpoint.sandbox.auth;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bson.BsonDocument;
import org.bson.BsonString;

/**
 * Somebody who may log in.
 *
 * @param secrets empty for one who logs in with a certificate
 * @param privileges of all roles, those that roles inherit included
 */
public record User(
    String name,
    String db,
    Map<ScramMechanism, ScramSecret> secrets,
    List<RoleName> roles,
    List<Privilege> privileges) {
  /** Where users are defined who log in with a certificate. */
  public static final String EXTERNAL = "$external";

  public User {
    secrets = Map.copyOf(secrets);
    roles = List.copyOf(roles);
    privileges = List.copyOf(privileges);
  }

  /**
   * @param document as in {@code admin.system.users}
   */
  public static User of(BsonDocument document, List<Privilege> privileges) {
    Map<ScramMechanism, ScramSecret> secrets = new EnumMap<>(ScramMechanism.class);
    BsonDocument credentials = document.getDocument("credentials", new BsonDocument());
    for (ScramMechanism mechanism : ScramMechanism.values()) {
      if (credentials.isDocument(mechanism.word())) {
        secrets.put(
            mechanism, ScramSecret.parse(mechanism, credentials.getDocument(mechanism.word())));
      }
    }
    return new User(
        document.getString("user").getValue(),
        document.getString("db").getValue(),
        secrets,
        RoleName.parseAll(document.getArray("roles"), ""),
        privileges);
  }

  /** Another member of the cluster, which may do everything. */
  static User member(Map<ScramMechanism, ScramSecret> secrets) {
    RoleName role = new RoleName(KeyFile.USER, "admin");
    return new User(
        KeyFile.USER,
        KeyFile.DB,
        secrets,
        List.of(role),
        BuiltInRoles.privileges(role).orElseThrow());
  }

  public Optional<ScramSecret> secret(ScramMechanism mechanism) {
    return Optional.ofNullable(secrets.get(mechanism));
  }

  boolean isMember() {
    return name.equals(KeyFile.USER) && db.equals(KeyFile.DB);
  }

  public boolean may(Resource target, String action) {
    return privileges.stream().anyMatch(p -> p.allows(target, action));
  }

  /** Unique among all users, such as {@code ann@admin}. */
  public String fullName() {
    return name + "@" + db;
  }

  BsonDocument toBson() {
    return new BsonDocument("user", new BsonString(name)).append("db", new BsonString(db));
  }
}
