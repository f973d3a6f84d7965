package io.stillpoint.mongo;

import io.stillpoint.check.Grant;
import java.util.List;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonInt32;

/**
 * What the configured user may do on one server, as that server says. Asking for it needs no
 * privilege.
 *
 * @param loggedIn false where the server asks nobody who he is
 */
record GrantedPrivileges(boolean loggedIn, List<BsonDocument> granted) {

  static GrantedPrivileges read(ServerConnection server) {
    BsonDocument reply =
        server.admin(
            new BsonDocument("connectionStatus", new BsonInt32(1))
                .append("showPrivileges", BsonBoolean.TRUE));
    BsonDocument info = BsonFields.document(reply, "authInfo");
    return new GrantedPrivileges(
        !BsonFields.array(info, "authenticatedUsers").isEmpty(),
        BsonFields.documents(info, "authenticatedUserPrivileges"));
  }

  /** Of the grants those actions that the user lacks, such as {@code fsync on the cluster}. */
  List<String> missing(List<Grant> needed) {
    return needed.stream()
        .flatMap(
            grant ->
                grant.actions().stream()
                    .filter(action -> granted.stream().noneMatch(g -> allows(g, grant, action)))
                    .map(action -> action + " on " + grant.resource()))
        .toList();
  }

  private static boolean allows(BsonDocument privilege, Grant wanted, String action) {
    List<String> actions = BsonFields.strings(privilege, "actions");
    return (actions.contains(action) || actions.contains("anyAction"))
        && covers(BsonFields.document(privilege, "resource"), wanted);
  }

  /** Any database means neither local nor config; any collection means no system one. */
  private static boolean covers(BsonDocument resource, Grant wanted) {
    if (BsonFields.flag(resource, "anyResource")) {
      return true;
    }
    if (wanted.onCluster() || BsonFields.flag(resource, "cluster")) {
      return wanted.onCluster() && BsonFields.flag(resource, "cluster");
    }
    String collection = BsonFields.string(resource, "collection");
    boolean sameCollection =
        collection.equals(wanted.collection())
            || collection.isEmpty() && !wanted.collection().startsWith("system.");
    return BsonFields.string(resource, "db").equals(wanted.database()) && sameCollection;
  }
}
