package io.stillpoint.sandbox.mongod.config;

import io.stillpoint.sandbox.auth.Security;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.bson.BsonValue;

/** The command line and configuration file, with the flags that a real mongod has. */
public final class Options {
  private static final Map<String, String> VALUES =
      Map.ofEntries(
          Map.entry("dbpath", "storage.dbPath"),
          Map.entry("port", "net.port"),
          Map.entry("bind_ip", "net.bindIp"),
          Map.entry("replSet", "replication.replSet"),
          Map.entry("logpath", "systemLog.path"),
          Map.entry("pidfilepath", "processManagement.pidFilePath"),
          Map.entry("oplogSize", "replication.oplogSizeMB"),
          Map.entry("wiredTigerCacheSizeGB", "storage.wiredTiger.engineConfig.cacheSizeGB"),
          Map.entry("unixSocketPrefix", "net.unixDomainSocket.pathPrefix"),
          Map.entry("keyFile", "security.keyFile"),
          Map.entry("clusterAuthMode", "security.clusterAuthMode"),
          Map.entry("syncdelay", "storage.syncPeriodSecs"),
          Map.entry("storageEngine", "storage.engine"),
          Map.entry("slowms", "operationProfiling.slowOpThresholdMs"),
          Map.entry("profile", "operationProfiling.mode"),
          Map.entry("maxConns", "net.maxIncomingConnections"),
          Map.entry("enableMajorityReadConcern", "replication.enableMajorityReadConcern"),
          Map.entry("tlsMode", "net.tls.mode"),
          Map.entry("tlsCertificateKeyFile", "net.tls.certificateKeyFile"),
          Map.entry("tlsCAFile", "net.tls.CAFile"));

  private static final Map<String, String> SWITCHES =
      Map.ofEntries(
          Map.entry("logappend", "systemLog.logAppend"),
          Map.entry("fork", "processManagement.fork"),
          Map.entry("journal", "storage.journal.enabled"),
          Map.entry("directoryperdb", "storage.directoryPerDB"),
          Map.entry("ipv6", "net.ipv6"),
          Map.entry("quiet", "systemLog.quiet"),
          Map.entry(
              "tlsAllowConnectionsWithoutCertificates",
              "net.tls.allowConnectionsWithoutCertificates"),
          Map.entry(
              "wiredTigerDirectoryForIndexes",
              "storage.wiredTiger.engineConfig.directoryForIndexes"));

  private final List<String> argv;
  private final BsonDocument parsed;
  private final String simulate;
  private final boolean showVersion;

  private Options(List<String> argv, BsonDocument parsed, String simulate, boolean showVersion) {
    this.argv = List.copyOf(argv);
    this.parsed = parsed;
    this.simulate = simulate;
    this.showVersion = showVersion;
  }

  /**
   * Reads the arguments and the file that they name.
   *
   * @param simulateByDefault the version series to simulate unless {@code --simulate} says so
   * @throws IllegalArgumentException on a flag that a real mongod does not have
   * @throws IOException when the configuration file cannot be read
   */
  public static Options parse(List<String> arguments, String simulateByDefault) throws IOException {
    BsonDocument parsed = new BsonDocument();
    List<String> argv = new ArrayList<>(List.of("mongod"));
    String simulate = simulateByDefault;
    boolean version = false;
    for (int i = 0; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      if (!argument.startsWith("-")) {
        throw new IllegalArgumentException(
            "Error parsing command line: too many positional options");
      }
      int equals = argument.indexOf('=');
      String name = argument.replaceFirst("^--?", "");
      if (equals > 0) {
        name = name.substring(0, name.indexOf('='));
      }
      if (isSwitch(name)) {
        argv.add(argument);
        version |= name.equals("version");
        applySwitch(parsed, name);
        continue;
      }
      if (equals < 0 && i + 1 >= arguments.size()) {
        throw new IllegalArgumentException(
            "the required argument for option '" + name + "' is missing");
      }
      String value = equals > 0 ? argument.substring(equals + 1) : arguments.get(++i);
      if (name.equals("simulate")) {
        simulate = value;
        continue;
      }
      argv.add("--" + name);
      argv.add(value);
      applyValue(parsed, name, value);
    }
    return new Options(argv, parsed, simulate, version);
  }

  private static boolean isSwitch(String name) {
    return SWITCHES.containsKey(name)
        || List.of(
                "configsvr",
                "shardsvr",
                "nounixsocket",
                "auth",
                "noauth",
                "bind_ip_all",
                "version",
                "transitionToAuth",
                "nojournal")
            .contains(name);
  }

  private static void applySwitch(BsonDocument parsed, String name) {
    switch (name) {
      case "configsvr", "shardsvr" -> put(parsed, "sharding.clusterRole", new BsonString(name));
      case "nounixsocket" -> put(parsed, "net.unixDomainSocket.enabled", BsonBoolean.FALSE);
      case "nojournal" -> put(parsed, "storage.journal.enabled", BsonBoolean.FALSE);
      case "auth" -> put(parsed, "security.authorization", new BsonString("enabled"));
      case "noauth" -> put(parsed, "security.authorization", new BsonString("disabled"));
      case "bind_ip_all" -> put(parsed, "net.bindIp", new BsonString("*"));
      case "transitionToAuth" -> put(parsed, "security.transitionToAuth", BsonBoolean.TRUE);
      case "version" -> {}
      default -> put(parsed, SWITCHES.get(name), BsonBoolean.TRUE);
    }
  }

  private static void applyValue(BsonDocument parsed, String name, String value)
      throws IOException {
    switch (name) {
      case "config", "f" -> {
        put(parsed, "config", new BsonString(value));
        merge(SimpleYaml.parse(Files.readAllLines(Path.of(value))), parsed);
      }
      case "setParameter" -> {
        int equals = value.indexOf('=');
        if (equals < 0) {
          throw new IllegalArgumentException("Illegal option assignment: \"" + value + "\"");
        }
        BsonDocument parameters = parsed.getDocument("setParameter", new BsonDocument());
        parameters.put(value.substring(0, equals), new BsonString(value.substring(equals + 1)));
        parsed.put("setParameter", parameters);
      }
      default -> {
        String path = VALUES.get(name);
        if (path == null) {
          throw new IllegalArgumentException(
              "Error parsing command line: unrecognised option '--" + name + "'");
        }
        boolean text = List.of("dbpath", "replSet", "logpath", "bind_ip").contains(name);
        put(parsed, path, text ? new BsonString(value) : SimpleYaml.scalar(value));
        if (name.equals("logpath")) {
          put(parsed, "systemLog.destination", new BsonString("file"));
        }
      }
    }
  }

  private static void merge(BsonDocument from, BsonDocument into) {
    from.forEach(
        (key, value) -> {
          if (value.isDocument() && into.isDocument(key)) {
            merge(value.asDocument(), into.getDocument(key));
          } else {
            into.put(key, value);
          }
        });
  }

  private static void put(BsonDocument root, String path, BsonValue value) {
    BsonDocument at = root;
    String[] parts = path.split("\\.");
    for (int i = 0; i < parts.length - 1; i++) {
      if (!at.isDocument(parts[i])) {
        at.put(parts[i], new BsonDocument());
      }
      at = at.getDocument(parts[i]);
    }
    at.put(parts[parts.length - 1], value);
  }

  private BsonValue at(String path) {
    BsonValue at = parsed;
    for (String part : path.split("\\.")) {
      at = at instanceof BsonDocument document ? document.get(part) : null;
    }
    return at;
  }

  private String text(String path, String otherwise) {
    BsonValue value = at(path);
    if (value == null) {
      return otherwise;
    }
    return value.isString()
        ? value.asString().getValue()
        : String.valueOf(value.asNumber().longValue());
  }

  private long number(String path, long otherwise) {
    BsonValue value = at(path);
    if (value == null) {
      return otherwise;
    }
    return value.isNumber()
        ? value.asNumber().longValue()
        : Long.parseLong(value.asString().getValue());
  }

  private boolean isTrue(String path) {
    return at(path) instanceof BsonBoolean flag && flag.getValue();
  }

  public List<String> argv() {
    return argv;
  }

  /** The tree that {@code getCmdLineOpts} shows as {@code parsed}. */
  public BsonDocument parsed() {
    return parsed;
  }

  public ServerVersion version() {
    return ServerVersion.of(simulate);
  }

  public boolean showVersion() {
    return showVersion;
  }

  public Path dbPath() {
    return Path.of(text("storage.dbPath", "/data/db"));
  }

  public int port() {
    boolean shard = isShardServer();
    return (int) number("net.port", isConfigServer() ? 27019 : shard ? 27018 : 27017);
  }

  public String bindIp() {
    return text("net.bindIp", "127.0.0.1");
  }

  /** The replica set's name, or null for a standalone. */
  public String replSet() {
    String name = text("replication.replSet", text("replication.replSetName", null));
    return name == null ? null : name.split("/")[0];
  }

  public boolean isConfigServer() {
    return "configsvr".equals(text("sharding.clusterRole", ""));
  }

  public boolean isShardServer() {
    return "shardsvr".equals(text("sharding.clusterRole", ""));
  }

  /** Where the log goes, or null for standard output. */
  public Path logPath() {
    String path = text("systemLog.path", null);
    return path == null ? null : Path.of(path);
  }

  public boolean logAppend() {
    return isTrue("systemLog.logAppend");
  }

  /**
   * How the server is protected.
   *
   * @throws IllegalArgumentException with a real server's reason for not starting so
   */
  public Security security() throws IOException {
    Optional<Path> keyFile = path("security.keyFile");
    boolean authorization = "enabled".equals(text("security.authorization", ""));
    if (authorization && keyFile.isEmpty() && replSet() != null) {
      throw new IllegalArgumentException(
          "security.keyFile is required when authorization is enabled with replica sets");
    }
    return Security.of(
        authorization,
        keyFile,
        text("net.tls.mode", ""),
        path("net.tls.certificateKeyFile"),
        path("net.tls.CAFile"),
        isTrue("net.tls.allowConnectionsWithoutCertificates"));
  }

  private Optional<Path> path(String option) {
    return Optional.ofNullable(text(option, null)).map(Path::of);
  }

  public Path pidFile() {
    String path = text("processManagement.pidFilePath", null);
    return path == null ? null : Path.of(path);
  }

  /** The oplog's cap: as asked for, but no more than a quarter of the heap that it is kept in. */
  public long oplogBytes() {
    return Math.min(
        number("replication.oplogSizeMB", 990) << 20, Runtime.getRuntime().maxMemory() / 4);
  }

  public long syncDelaySeconds() {
    return number("storage.syncPeriodSecs", 60);
  }

  public BsonDocument setParameters() {
    return parsed.getDocument("setParameter", new BsonDocument());
  }
}
