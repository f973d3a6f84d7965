package io.stillpoint.sandbox.auth;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.bson.BsonArray;
import org.bson.BsonDocument;

/** Resolves roles, the built-in ones and those in {@code admin.system.roles}. */
public final class RoleCatalog {
  private final Function<RoleName, BsonDocument> custom;

  /**
   * @param custom the document of a role that is not built in, or null
   */
  public RoleCatalog(Function<RoleName, BsonDocument> custom) {
    this.custom = custom;
  }

  public boolean exists(RoleName name) {
    return BuiltInRoles.privileges(name).isPresent() || custom.apply(name) != null;
  }

  /** Of the roles and all that they inherit; a role that is gone gives none. */
  public List<Privilege> privileges(List<RoleName> roles) {
    List<Privilege> all = new ArrayList<>();
    Set<RoleName> seen = new LinkedHashSet<>();
    List<RoleName> open = new ArrayList<>(roles);
    while (!open.isEmpty()) {
      RoleName next = open.remove(open.size() - 1);
      if (!seen.add(next)) {
        continue;
      }
      Optional<List<Privilege>> builtIn = BuiltInRoles.privileges(next);
      BsonDocument document = builtIn.isPresent() ? null : custom.apply(next);
      builtIn.ifPresent(all::addAll);
      if (document != null) {
        all.addAll(Privilege.parseAll(document.getArray("privileges", new BsonArray())));
        open.addAll(RoleName.parseAll(document.getArray("roles", new BsonArray()), next.db()));
      }
    }
    return all;
  }
}
