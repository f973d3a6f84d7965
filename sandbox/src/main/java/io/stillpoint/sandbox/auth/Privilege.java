package io.stillpoint.sandbox.auth;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonString;

/** Actions on a resource. */
public record Privilege(Resource resource, Set<String> actions) {
  public Privilege {
    actions = Set.copyOf(actions);
  }

  public static Privilege of(Resource resource, String... actions) {
    return new Privilege(resource, Set.of(actions));
  }

  public static Privilege parse(BsonDocument document) {
    Set<String> actions = new TreeSet<>();
    document.getArray("actions").forEach(a -> actions.add(a.asString().getValue()));
    return new Privilege(Resource.parse(document.getDocument("resource")), actions);
  }

  public static List<Privilege> parseAll(BsonArray array) {
    return array.stream().map(each -> parse(each.asDocument())).toList();
  }

  public BsonDocument toBson() {
    BsonArray names = new BsonArray();
    new TreeSet<>(actions).forEach(a -> names.add(new BsonString(a)));
    return new BsonDocument("resource", resource.toBson()).append("actions", names);
  }

  static BsonArray toBson(List<Privilege> privileges) {
    return new BsonArray(privileges.stream().map(Privilege::toBson).toList());
  }

  boolean allows(Resource target, String action) {
    return (actions.contains(action) || actions.contains("anyAction")) && resource.covers(target);
  }
}
