package io.stillpoint.sandbox.auth;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The roles that every server has, with those of their actions that a command of these servers
 * needs.
 *
 * @see <a href="https://www.mongodb.com/docs/manual/reference/built-in-roles/">built-in roles</a>
 */
final class BuiltInRoles {
  private static final String[] READ = {
    "find", "listCollections", "listIndexes", "collStats", "dbStats", "dbHash", "killCursors"
  };
  private static final String[] WRITE = {
    "insert",
    "update",
    "remove",
    "createCollection",
    "dropCollection",
    "createIndex",
    "dropIndex",
    "convertToCapped",
    "renameCollectionSameDB"
  };
  private static final String[] ADMINISTER = {
    "collMod",
    "compact",
    "collStats",
    "dbStats",
    "createCollection",
    "dropCollection",
    "createIndex",
    "dropIndex",
    "dropDatabase",
    "listCollections",
    "listIndexes",
    "validate",
    "convertToCapped",
    "renameCollectionSameDB",
    "enableProfiler"
  };
  private static final String[] MANAGE_USERS = {
    "createUser",
    "dropUser",
    "changePassword",
    "grantRole",
    "revokeRole",
    "createRole",
    "dropRole",
    "viewUser",
    "viewRole"
  };

  private BuiltInRoles() {}

  /** Empty for a role that is not built in. */
  static Optional<List<Privilege>> privileges(RoleName name) {
    boolean admin = name.db().equals("admin");
    Resource here = Resource.database(name.db());
    return Optional.ofNullable(
        switch (name.role()) {
          case "read" -> List.of(Privilege.of(here, READ));
          case "readWrite" -> List.of(Privilege.of(here, READ), Privilege.of(here, WRITE));
          case "dbAdmin" -> List.of(Privilege.of(here, ADMINISTER));
          case "userAdmin" -> List.of(Privilege.of(here, MANAGE_USERS));
          case "dbOwner" ->
              List.of(
                  Privilege.of(here, READ),
                  Privilege.of(here, WRITE),
                  Privilege.of(here, ADMINISTER),
                  Privilege.of(here, MANAGE_USERS));
          default -> admin ? clusterWide(name.role()) : null;
        });
  }

  private static List<Privilege> clusterWide(String role) {
    return switch (role) {
      case "readAnyDatabase" -> anyDatabase(READ);
      case "readWriteAnyDatabase" -> concat(anyDatabase(READ), anyDatabase(WRITE));
      case "dbAdminAnyDatabase" -> anyDatabase(ADMINISTER);
      case "userAdminAnyDatabase" ->
          List.of(
              Privilege.of(Resource.ANY_DATABASE, MANAGE_USERS),
              Privilege.of(Resource.namespace("", "system.users"), "find"),
              Privilege.of(Resource.namespace("", "system.roles"), "find"));
      case "clusterMonitor" -> clusterMonitor();
      case "hostManager" -> hostManager();
      case "clusterManager" -> clusterManager();
      case "clusterAdmin" ->
          concat(
              concat(clusterMonitor(), hostManager()),
              concat(
                  clusterManager(), List.of(Privilege.of(Resource.ANY_DATABASE, "dropDatabase"))));
      case "backup" -> backup();
      case "root" ->
          concat(
              concat(clusterWide("clusterAdmin"), clusterWide("userAdminAnyDatabase")),
              concat(
                  concat(clusterWide("readWriteAnyDatabase"), clusterWide("dbAdminAnyDatabase")),
                  backup()));
      case KeyFile.USER -> List.of(Privilege.of(Resource.ANYTHING, "anyAction"));
      default -> null;
    };
  }

  private static List<Privilege> anyDatabase(String... actions) {
    return List.of(
        Privilege.of(Resource.ANY_DATABASE, actions),
        Privilege.of(Resource.CLUSTER, "listDatabases"));
  }

  private static List<Privilege> clusterMonitor() {
    return List.of(
        Privilege.of(
            Resource.CLUSTER,
            "getCmdLineOpts",
            "getLog",
            "getParameter",
            "getShardMap",
            "hostInfo",
            "inprog",
            "listDatabases",
            "listShards",
            "replSetGetConfig",
            "replSetGetStatus",
            "serverStatus",
            "shardingState"),
        Privilege.of(Resource.ANY_DATABASE, "collStats", "dbStats"),
        Privilege.of(Resource.database("config"), READ),
        Privilege.of(Resource.database("local"), "collStats", "dbStats"),
        Privilege.of(Resource.namespace("local", "oplog.rs"), "find"),
        Privilege.of(Resource.namespace("local", "system.replset"), "find"));
  }

  private static List<Privilege> hostManager() {
    return List.of(
        Privilege.of(
            Resource.CLUSTER,
            "flushRouterConfig",
            "fsync",
            "killAnyCursor",
            "killAnySession",
            "killop",
            "logRotate",
            "setParameter",
            "shutdown",
            "unlock"));
  }

  private static List<Privilege> clusterManager() {
    return List.of(
        Privilege.of(
            Resource.CLUSTER,
            "addShard",
            "appendOplogNote",
            "flushRouterConfig",
            "listShards",
            "replSetConfigure",
            "replSetGetConfig",
            "replSetGetStatus",
            "replSetStateChange",
            "setFeatureCompatibilityVersion"),
        Privilege.of(Resource.ANY_DATABASE, "enableSharding", "moveChunk"),
        Privilege.of(Resource.database("config"), READ),
        Privilege.of(Resource.database("config"), "insert", "update", "remove", "enableSharding"),
        Privilege.of(Resource.database("local"), READ),
        Privilege.of(Resource.namespace("local", "system.replset"), "find"));
  }

  private static List<Privilege> backup() {
    List<Privilege> privileges = new ArrayList<>();
    privileges.add(
        Privilege.of(
            Resource.CLUSTER, "appendOplogNote", "getParameter", "listDatabases", "serverStatus"));
    privileges.add(
        new Privilege(Resource.ANYTHING, Set.of("listCollections", "listIndexes", "collStats")));
    for (String db : List.of("", "config", "local")) {
      privileges.add(Privilege.of(Resource.database(db), "find"));
    }
    for (String name : List.of("system.users", "system.roles", "system.version")) {
      privileges.add(Privilege.of(Resource.namespace("admin", name), "find"));
    }
    privileges.add(Privilege.of(Resource.namespace("config", "settings"), "insert", "update"));
    return privileges;
  }

  private static List<Privilege> concat(List<Privilege> a, List<Privilege> b) {
    return Stream.concat(a.stream(), b.stream()).toList();
  }
}
