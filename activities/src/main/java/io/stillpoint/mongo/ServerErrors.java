package io.stillpoint.mongo;

import com.mongodb.MongoCommandException;
import com.mongodb.MongoException;
import com.mongodb.MongoSecurityException;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Turns what the driver throws into our codes, naming the server and the command. */
public final class ServerErrors {

  static final int FAILED_TO_PARSE = 9;
  static final int UNAUTHORIZED = 13;
  static final int AUTHENTICATION_FAILED = 18;
  static final int ILLEGAL_OPERATION = 20;
  static final int CURSOR_NOT_FOUND = 43;
  static final int COMMAND_NOT_FOUND = 59;
  static final int CURSOR_IN_USE = 143;
  static final int INVALID_REPLICA_SET_CONFIG = 93;
  static final int NOT_YET_INITIALIZED = 94;
  static final int NOT_PRIMARY_OR_SECONDARY = 13436;
  static final int CURSOR_NOT_OPEN_OR_BUSY = 50886;
  static final int CHECKPOINT_DURING_OPEN = 50915;
  static final int OPLOG_ROLLED_OVER = 50917;
  static final int OTHER_BACKUP = 29094;
  static final int FSYNC_LOCKED = 50887;
  static final int HOT_BACKUP_RUNNING = 29098;
  static final int UNKNOWN_STAGE = 40324;

  /** Least privilege by command, measured on 4.4.6-8 with authentication on. */
  private static final Map<String, String> PRIVILEGES =
      Map.ofEntries(
          Map.entry("$backupCursor", "the action fsync on the cluster (role hostManager)"),
          Map.entry("$backupCursorExtend", "the action fsync on the cluster (role hostManager)"),
          Map.entry(
              "getMore", "the action fsync on the cluster, and the user that opened the cursor"),
          Map.entry("killCursors", "the user that opened the cursor, or the action killAnyCursor"),
          Map.entry("$currentOp", "the action inprog on the cluster (role clusterMonitor)"),
          Map.entry("replSetGetStatus", "the action replSetGetStatus (role clusterMonitor)"),
          Map.entry("replSetGetConfig", "the action replSetGetConfig (role clusterMonitor)"),
          Map.entry("appendOplogNote", "the action appendOplogNote (role clusterManager)"),
          Map.entry("getShardMap", "the action getShardMap (role clusterMonitor)"),
          Map.entry("shardingState", "the action shardingState (role clusterMonitor)"),
          Map.entry("getCmdLineOpts", "the action getCmdLineOpts (role clusterMonitor)"),
          Map.entry("serverStatus", "the action serverStatus (role clusterMonitor)"),
          Map.entry("getParameter", "the action getParameter (role clusterMonitor)"),
          Map.entry("replSetStepUp", "the action replSetStateChange (role clusterManager)"),
          Map.entry("balancerStop", "find, insert and update on config.settings"),
          Map.entry("_configsvrBalancerStop", "the action internal; or name a mongos in routers"),
          Map.entry(
              "_configsvrBalancerStatus", "the action internal; or name a mongos in routers"));

  private static final Pattern ROOT_CAUSE = Pattern.compile("caused by \\{([^{}]+)}");

  private ServerErrors() {}

  static StillpointException translate(String address, String command, MongoException e) {
    if (e instanceof MongoCommandException refused) {
      return refused(address, command, refused.getErrorCode(), refused.getErrorMessage());
    }
    if (e instanceof MongoSecurityException) {
      return new StillpointException(
          ErrorCode.MONGO_NOT_AUTHORIZED,
          "%s did not accept the credentials of the cluster's uri".formatted(address),
          "check user, password and authSource in the worker's configuration");
    }
    // The driver gives some server errors classes of their own; all have the server's code.
    if (e.getCode() > 0) {
      return refused(address, command, e.getCode(), e.getMessage());
    }
    return unreachable(address, command, e);
  }

  private static StillpointException unreachable(
      String address, String command, MongoException cause) {
    String reason = reason(cause);
    boolean tls = reason.contains("SSL") || reason.contains("certificate");
    return new StillpointException(
        ErrorCode.MONGO_UNREACHABLE,
        "%s did not answer %s: %s".formatted(address, command, reason),
        tls
            ? "check tls.ca-file and tls.certificate-key-file of the cluster in the worker's"
                + " configuration, and the names in the server's certificate"
            : "check that mongod runs there and that this worker may connect to it",
        cause);
  }

  /** The driver hides why it could not connect in its description of the whole cluster. */
  private static String reason(MongoException e) {
    Matcher matcher = ROOT_CAUSE.matcher(String.valueOf(e.getMessage()));
    String innermost = "";
    while (matcher.find()) {
      innermost = matcher.group(1);
    }
    if (!innermost.isEmpty()) {
      return innermost;
    }
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root.getClass().getSimpleName() + ": " + root.getMessage();
  }

  static StillpointException refused(String address, String command, int code, String message) {
    CommandFailedException cause = new CommandFailedException(code, message);
    return switch (code) {
      case UNAUTHORIZED, AUTHENTICATION_FAILED ->
          new StillpointException(
              ErrorCode.MONGO_NOT_AUTHORIZED,
              "%s refused %s to the configured user: %s".formatted(address, command, message),
              "grant the user %s; the whole role is printed by: stillpoint role"
                  .formatted(PRIVILEGES.getOrDefault(command, "a role that may run " + command)),
              cause);
      case UNKNOWN_STAGE ->
          new StillpointException(
              ErrorCode.STAGES_MISSING,
              "%s has no backup cursors: %s".formatted(address, message),
              "use Percona Server for MongoDB 4.2.15, 4.4.6, 5.0 or later on every member",
              cause);
      default ->
          new StillpointException(
              ErrorCode.MONGO_COMMAND_FAILED,
              "%s refused %s with code %d: %s".formatted(address, command, code, message),
              "look at the server's log for the reason",
              cause);
    };
  }

  /** Nothing listens at the address: whatever process did has ended. */
  public static boolean nothingListens(StillpointException e) {
    return e.code() == ErrorCode.MONGO_UNREACHABLE
        && String.valueOf(e.getMessage()).contains("Connection refused");
  }

  /**
   * The server answers, but is no readable member of its set now: it was removed from it, lost its
   * configuration, or recovers.
   */
  public static boolean isOutOfSet(StillpointException e) {
    int code = codeOf(e);
    return code == NOT_PRIMARY_OR_SECONDARY
        || code == INVALID_REPLICA_SET_CONFIG
        || code == NOT_YET_INITIALIZED;
  }

  /** The server's code behind a translated failure; -1 if the server said nothing. */
  static int codeOf(StillpointException e) {
    return e.getCause() instanceof CommandFailedException failed ? failed.code() : -1;
  }
}
