package io.stillpoint.sandbox.auth;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.bson.BsonValue;

/**
 * What a user needs for each command. A command that is in none of these tables takes what only the
 * members of the cluster have, so that one which was forgotten is noticed.
 */
final class CommandNeeds {
  /** Before anybody has logged in. */
  private static final Set<String> OPEN =
      Set.of(
          "hello",
          "isMaster",
          "ismaster",
          "ping",
          "buildInfo",
          "buildinfo",
          "whatsmyuri",
          "connectionStatus",
          "saslStart",
          "saslContinue",
          "authenticate",
          "logout",
          "isdbgrid");

  /** For whoever has logged in; cursors and sessions are looked at by their commands. */
  private static final Set<String> LOGGED_IN =
      Set.of(
          "getMore",
          "killCursors",
          "startSession",
          "endSessions",
          "refreshSessions",
          "killSessions",
          "commitTransaction",
          "abortTransaction",
          "listDatabases",
          "getDefaultRWConcern",
          "getFreeMonitoringStatus");

  private static final Map<String, String> CLUSTER =
      Map.ofEntries(
          Map.entry("replSetGetStatus", "replSetGetStatus"),
          Map.entry("replSetGetConfig", "replSetGetConfig"),
          Map.entry("replSetInitiate", "replSetConfigure"),
          Map.entry("replSetReconfig", "replSetConfigure"),
          Map.entry("replSetStepDown", "replSetStateChange"),
          Map.entry("replSetStepUp", "replSetStateChange"),
          Map.entry("replSetFreeze", "replSetStateChange"),
          Map.entry("replSetMaintenance", "replSetStateChange"),
          Map.entry("replSetAbortPrimaryCatchUp", "replSetStateChange"),
          Map.entry("appendOplogNote", "appendOplogNote"),
          Map.entry("serverStatus", "serverStatus"),
          Map.entry("getCmdLineOpts", "getCmdLineOpts"),
          Map.entry("getParameter", "getParameter"),
          Map.entry("setParameter", "setParameter"),
          Map.entry("getLog", "getLog"),
          Map.entry("hostInfo", "hostInfo"),
          Map.entry("fsync", "fsync"),
          Map.entry("fsyncUnlock", "unlock"),
          Map.entry("shutdown", "shutdown"),
          Map.entry("logRotate", "logRotate"),
          Map.entry("setFeatureCompatibilityVersion", "setFeatureCompatibilityVersion"),
          Map.entry("killAllSessions", "killAnySession"),
          Map.entry("currentOp", "inprog"),
          Map.entry("killOp", "killop"),
          Map.entry("shardingState", "shardingState"),
          Map.entry("getShardMap", "getShardMap"),
          Map.entry("flushRouterConfig", "flushRouterConfig"),
          Map.entry("listShards", "listShards"),
          Map.entry("addShard", "addShard"));

  private static final Map<String, List<String>> COLLECTION =
      Map.ofEntries(
          Map.entry("find", List.of("find")),
          Map.entry("count", List.of("find")),
          Map.entry("distinct", List.of("find")),
          Map.entry("insert", List.of("insert")),
          Map.entry("update", List.of("update")),
          Map.entry("delete", List.of("remove")),
          Map.entry("findAndModify", List.of("find", "update")),
          Map.entry("findandmodify", List.of("find", "update")),
          Map.entry("create", List.of("createCollection")),
          Map.entry("createIndexes", List.of("createIndex")),
          Map.entry("dropIndexes", List.of("dropIndex")),
          Map.entry("deleteIndexes", List.of("dropIndex")),
          Map.entry("drop", List.of("dropCollection")),
          Map.entry("collMod", List.of("collMod")),
          Map.entry("convertToCapped", List.of("convertToCapped")),
          Map.entry("compact", List.of("compact")),
          Map.entry("validate", List.of("validate")),
          Map.entry("collStats", List.of("collStats")),
          Map.entry("collstats", List.of("collStats")),
          Map.entry("listIndexes", List.of("listIndexes")));

  private static final Map<String, List<String>> DATABASE =
      Map.ofEntries(
          Map.entry("listCollections", List.of("listCollections")),
          Map.entry("dropDatabase", List.of("dropDatabase")),
          Map.entry("dbStats", List.of("dbStats")),
          Map.entry("dbstats", List.of("dbStats")),
          Map.entry("dbHash", List.of("dbHash")),
          Map.entry("dbhash", List.of("dbHash")),
          Map.entry("createUser", List.of("createUser", "grantRole")),
          Map.entry("updateUser", List.of("changePassword", "grantRole")),
          Map.entry("dropUser", List.of("dropUser")),
          Map.entry("grantRolesToUser", List.of("grantRole")),
          Map.entry("revokeRolesFromUser", List.of("revokeRole")),
          Map.entry("createRole", List.of("createRole", "grantRole")),
          Map.entry("updateRole", List.of("grantRole", "revokeRole")),
          Map.entry("dropRole", List.of("dropRole")),
          Map.entry("grantPrivilegesToRole", List.of("grantRole")),
          Map.entry("revokePrivilegesFromRole", List.of("revokeRole")),
          Map.entry("usersInfo", List.of("viewUser")),
          Map.entry("rolesInfo", List.of("viewRole")));

  private CommandNeeds() {}

  static boolean isOpen(String name) {
    return OPEN.contains(name);
  }

  static List<Need> of(String db, BsonDocument command) {
    String name = command.getFirstKey();
    if (LOGGED_IN.contains(name)) {
      return List.of();
    }
    if (CLUSTER.containsKey(name)) {
      return List.of(Need.cluster(CLUSTER.get(name)));
    }
    if (COLLECTION.containsKey(name)) {
      Resource target = namespace(db, command.get(name));
      return COLLECTION.get(name).stream().map(a -> new Need(target, a)).toList();
    }
    if (DATABASE.containsKey(name)) {
      return DATABASE.get(name).stream().map(a -> new Need(Resource.database(db), a)).toList();
    }
    return special(name, db, command);
  }

  private static List<Need> special(String name, String db, BsonDocument command) {
    Resource settings = Resource.namespace("config", "settings");
    return switch (name) {
      case "aggregate" -> aggregation(db, command);
      case "balancerStop", "balancerStart" -> List.of(new Need(settings, "update"));
      case "balancerStatus" -> List.of(new Need(settings, "find"));
      case "enableSharding" ->
          List.of(new Need(Resource.database(text(command.get(name))), "enableSharding"));
      case "shardCollection" -> List.of(new Need(full(command.get(name)), "enableSharding"));
      case "moveChunk" -> List.of(new Need(full(command.get(name)), "moveChunk"));
      case "renameCollection" ->
          List.of(new Need(full(command.get(name)), "renameCollectionSameDB"));
      default -> List.of(Need.cluster("internal"));
    };
  }

  private static List<Need> aggregation(String db, BsonDocument command) {
    List<Need> needs = new ArrayList<>();
    List<BsonValue> stages =
        command.isArray("pipeline") ? command.getArray("pipeline") : List.<BsonValue>of();
    BsonDocument first =
        stages.isEmpty() || !stages.get(0).isDocument()
            ? new BsonDocument()
            : stages.get(0).asDocument();
    if (first.containsKey("$backupCursor") || first.containsKey("$backupCursorExtend")) {
      needs.add(Need.cluster("fsync"));
    } else if (first.isDocument("$currentOp")) {
      BsonValue all = first.getDocument("$currentOp").get("allUsers");
      if (BsonBoolean.TRUE.equals(all)) {
        needs.add(Need.cluster("inprog"));
      }
    } else {
      String action = first.containsKey("$collStats") ? "collStats" : "find";
      needs.add(new Need(namespace(db, command.get("aggregate")), action));
    }
    return needs;
  }

  private static Resource namespace(String db, BsonValue collection) {
    return Resource.namespace(db, text(collection));
  }

  private static Resource full(BsonValue namespace) {
    String text = text(namespace);
    int dot = text.indexOf('.');
    return dot < 0
        ? Resource.database(text)
        : Resource.namespace(text.substring(0, dot), text.substring(dot + 1));
  }

  private static String text(BsonValue value) {
    return value instanceof BsonString string ? string.getValue() : "";
  }
}
