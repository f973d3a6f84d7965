package io.stillpoint.host;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.mongo.StorageOptions;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bson.Document;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/**
 * How a member's server is normally started: its arguments, and the YAML file they or the agent's
 * configuration name.
 */
final class MongodOptions {

  /** Options that make a server a member, a role, reachable or a daemon. */
  private static final Set<String> NOT_STANDALONE =
      Set.of(
          "replSet",
          "replSetName",
          "configsvr",
          "shardsvr",
          "oplogSize",
          "oplogMinRetentionHours",
          "enableMajorityReadConcern",
          "keyFile",
          "auth",
          "noauth",
          "clusterAuthMode",
          "clusterIpSourceAllowlist",
          "clusterIpSourceWhitelist",
          "transitionToAuth",
          "fork",
          "pidfilepath",
          "logpath",
          "logappend",
          "logRotate",
          "syslog",
          "port",
          "bind_ip",
          "bind_ip_all",
          "ipv6",
          "nounixsocket",
          "unixSocketPrefix",
          "filePermissions",
          "dbpath",
          "config",
          "f",
          "setParameter");

  private static final Set<String> ENCRYPTION =
      Set.of("enableEncryption", "encryptionKeyFile", "encryptionCipherMode", "vault", "kmip");

  private static final int DEFAULT_PORT = 27017;
  private static final int DEFAULT_SHARD_PORT = 27018;
  private static final int DEFAULT_CONFIG_PORT = 27019;

  private final Optional<Path> log;
  private final CommandLine commandLine;
  private final Optional<Path> configFile;
  private final Map<String, Object> config;

  private MongodOptions(
      Optional<Path> log,
      CommandLine commandLine,
      Optional<Path> configFile,
      Map<String, Object> config) {
    this.log = log;
    this.commandLine = commandLine;
    this.configFile = configFile;
    this.config = config;
  }

  /**
   * @throws StillpointException CONFIGURATION_INVALID if the server's configuration cannot be read
   */
  static MongodOptions of(NodeSettings settings) {
    CommandLine commandLine = CommandLine.parse(settings.arguments());
    Optional<Path> file =
        settings.configFile().or(() -> commandLine.value("config", "f").map(Path::of));
    return new MongodOptions(
        settings.logPath(), commandLine, file, file.map(MongodOptions::load).orElse(Map.of()));
  }

  /**
   * Those that a running server was started with.
   *
   * @param directory what relative paths of its arguments begin at
   * @throws StillpointException CONFIGURATION_INVALID if the file that they name cannot be read
   */
  static MongodOptions ofRunning(List<String> words, Path directory) {
    CommandLine commandLine = CommandLine.parse(words.subList(1, words.size()));
    Optional<Path> file = commandLine.value("config", "f").map(directory::resolve);
    Map<String, Object> config = file.map(MongodOptions::load).orElse(Map.of());
    MongodOptions found = new MongodOptions(Optional.empty(), commandLine, file, config);
    return new MongodOptions(found.logPath().map(directory::resolve), commandLine, file, config);
  }

  Optional<Path> configFile() {
    return configFile;
  }

  /** Where the server logs to; empty for standard output or syslog. */
  Optional<Path> logPath() {
    return log.or(() -> commandLine.value("logpath").map(Path::of))
        .or(() -> text("systemLog", "path").map(Path::of));
  }

  /** Then there is no file that could prove a start. */
  boolean logsToSyslog() {
    return commandLine.has("syslog")
        || text("systemLog", "destination").filter("syslog"::equals).isPresent();
  }

  /** What it listens on: the option, else what its role has by default. */
  int port() {
    int usual =
        switch (role()) {
          case "shardsvr" -> DEFAULT_SHARD_PORT;
          case "configsvr" -> DEFAULT_CONFIG_PORT;
          default -> DEFAULT_PORT;
        };
    return commandLine
        .value("port")
        .or(() -> text("net", "port"))
        .map(String::strip)
        .filter(text -> text.matches("\\d{1,5}"))
        .map(Integer::parseInt)
        .orElse(usual);
  }

  /** Empty for a standalone. */
  String replicaSet() {
    return commandLine
        .value("replSet")
        .or(() -> text("replication", "replSetName"))
        .or(() -> text("replication", "replSet"))
        .map(name -> name.replaceFirst("/.*", ""))
        .orElse("");
  }

  /** Empty, {@code shardsvr} or {@code configsvr}. */
  String role() {
    if (commandLine.has("shardsvr")) {
      return "shardsvr";
    }
    return commandLine.has("configsvr") ? "configsvr" : text("sharding", "clusterRole").orElse("");
  }

  /** Whether anything is known of how the server is started. */
  boolean isEmpty() {
    return commandLine.arguments().isEmpty() && config.isEmpty();
  }

  Optional<Path> dbPath() {
    return commandLine.value("dbpath").or(() -> text("storage", "dbPath")).map(Path::of);
  }

  /** The arguments of the temporary standalone that say nothing about storage are left out. */
  CommandLine standaloneArguments() {
    return commandLine.keep(
        a ->
            !NOT_STANDALONE.contains(a.name())
                    && !a.name().startsWith("tls")
                    && !a.name().startsWith("ssl")
                    && !a.name().startsWith("audit")
                || a.name().equals("setParameter")
                    && a.value().filter(v -> v.startsWith("wiredTiger")).isPresent());
  }

  /** What of the YAML file a temporary standalone needs; empty if nothing. */
  Map<String, Object> standaloneConfig() {
    Map<String, Object> kept = new LinkedHashMap<>();
    Map<String, Object> storage = new LinkedHashMap<>(section("storage"));
    storage.keySet().removeAll(Set.of("dbPath", "oplogMinRetentionHours"));
    Map<String, Object> security = new LinkedHashMap<>(section("security"));
    security.keySet().retainAll(ENCRYPTION);
    Map<String, Object> parameters = new LinkedHashMap<>(section("setParameter"));
    parameters.keySet().removeIf(name -> !name.startsWith("wiredTiger"));
    putUnlessEmpty(kept, "storage", storage);
    putUnlessEmpty(kept, "security", security);
    putUnlessEmpty(kept, "setParameter", parameters);
    return kept;
  }

  /** How this server expects its data directory to be laid out. */
  StorageOptions storageOptions() {
    Map<String, Object> storage = section("storage");
    Map<String, Object> security = section("security");
    putIfPresent(storage, "directoryPerDB", flag("directoryperdb"));
    putIfPresent(storage, "engine", commandLine.value("storageEngine"));
    putIfPresent(security, "enableEncryption", flag("enableEncryption"));
    putIfPresent(security, "encryptionCipherMode", commandLine.value("encryptionCipherMode"));
    if (commandLine.has("wiredTigerDirectoryForIndexes")) {
      storage.put("wiredTiger", Map.of("engineConfig", Map.of("directoryForIndexes", true)));
    }
    return StorageOptions.of(
        new Document("storage", storage).append("security", security).toBsonDocument());
  }

  private Optional<Boolean> flag(String name) {
    return commandLine.has(name)
        ? Optional.of(!commandLine.value(name).orElse("true").equals("false"))
        : Optional.empty();
  }

  private static void putIfPresent(Map<String, Object> section, String key, Optional<?> value) {
    value.ifPresent(present -> section.put(key, present));
  }

  private Optional<String> text(String section, String key) {
    return Optional.ofNullable(section(section).get(key)).map(String::valueOf);
  }

  private Map<String, Object> section(String name) {
    Map<String, Object> section = new LinkedHashMap<>();
    if (config.get(name) instanceof Map<?, ?> found) {
      found.forEach((key, value) -> section.put(String.valueOf(key), value));
    }
    // The server also accepts the dotted form.
    config.forEach(
        (key, value) -> {
          if (key.startsWith(name + ".")) {
            section.put(key.substring(name.length() + 1), value);
          }
        });
    return section;
  }

  private static void putUnlessEmpty(
      Map<String, Object> target, String name, Map<String, Object> section) {
    if (!section.isEmpty()) {
      target.put(name, section);
    }
  }

  private static Map<String, Object> load(Path file) {
    try (Reader reader = Files.newBufferedReader(file)) {
      Map<String, Object> config = new LinkedHashMap<>();
      if (new Yaml(new SafeConstructor(new LoaderOptions())).load(reader)
          instanceof Map<?, ?> found) {
        found.forEach((key, value) -> config.put(String.valueOf(key), value));
      }
      return config;
    } catch (IOException | YAMLException e) {
      throw new StillpointException(
          ErrorCode.CONFIGURATION_INVALID,
          "configuration file %s of the server cannot be read: %s".formatted(file, e.getMessage()),
          "correct config-file in the node agent's configuration, or let the agent's user read it",
          e);
    }
  }
}
