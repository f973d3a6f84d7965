package io.stillpoint.sandbox.mongos;

import static io.stillpoint.sandbox.mongos.Bson.doc;

import io.stillpoint.sandbox.auth.Security;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonString;

/**
 * The command line of a mongos.
 *
 * @param argv as given, program first
 * @param configdb {@code set/host:port,...}
 * @param version that is imitated, such as {@code 4.4}
 */
record RouterOptions(
    List<String> argv,
    String configdb,
    int port,
    String bindIp,
    Optional<String> logpath,
    boolean logappend,
    Optional<String> pidfilepath,
    Map<String, String> setParameters,
    Map<String, String> security,
    String version) {

  private static final Set<String> FLAGS =
      Set.of("--logappend", "--nounixsocket", "--fork", "--ipv6", "--quiet");
  private static final String CERTIFICATES_OPTIONAL = "--tlsAllowConnectionsWithoutCertificates";
  private static final Set<String> SECURITY =
      Set.of(
          "--keyFile", "--clusterAuthMode", "--tlsMode", "--tlsCertificateKeyFile", "--tlsCAFile");
  private static final Map<String, String> RELEASES =
      Map.of(
          "4.4", "4.4.6-8",
          "5.0", "5.0.14-12",
          "6.0", "6.0.9-7",
          "7.0", "7.0.14-8",
          "8.0", "8.0.4-1");
  private static final Map<String, Integer> WIRE_VERSIONS =
      Map.of("4.4", 9, "5.0", 13, "6.0", 17, "7.0", 21, "8.0", 25);

  /**
   * @throws IllegalArgumentException if an option is unknown or its value missing
   */
  static RouterOptions parse(List<String> arguments, Map<String, String> environment) {
    Map<String, String> values = new HashMap<>();
    Map<String, String> parameters = new HashMap<>();
    Map<String, String> security = new HashMap<>();
    boolean append = false;
    for (int i = 0; i < arguments.size(); i++) {
      String name = arguments.get(i);
      if (FLAGS.contains(name)) {
        append |= name.equals("--logappend");
        continue;
      }
      if (name.equals(CERTIFICATES_OPTIONAL)) {
        security.put(name, "true");
        continue;
      }
      String value = null;
      int equals = name.indexOf('=');
      if (equals > 0) {
        value = name.substring(equals + 1);
        name = name.substring(0, equals);
      } else if (++i < arguments.size()) {
        value = arguments.get(i);
      }
      if (value == null) {
        throw new IllegalArgumentException("Error parsing command line: no value for " + name);
      }
      if (name.equals("--setParameter")) {
        int separator = value.indexOf('=');
        parameters.put(value.substring(0, separator), value.substring(separator + 1));
      } else if (SECURITY.contains(name)) {
        security.put(name, value);
      } else if (Set.of("--configdb", "--port", "--bind_ip", "--logpath", "--pidfilepath")
              .contains(name)
          || Set.of("--simulate", "--unixSocketPrefix").contains(name)) {
        values.put(name, value);
      } else {
        throw new IllegalArgumentException(
            "Error parsing command line: unrecognised option '" + name + "'");
      }
    }
    if (!values.getOrDefault("--configdb", "").contains("/")) {
      throw new IllegalArgumentException(
          "error: no args for --configdb\nHINT: --configdb <replica set>/<host:port>[,...]");
    }
    String version =
        values.getOrDefault("--simulate", environment.getOrDefault("STILLPOINT_SIMULATE", "4.4"));
    if (!RELEASES.containsKey(version)) {
      throw new IllegalArgumentException(
          "cannot simulate version " + version + "\nHINT: one of " + RELEASES.keySet());
    }
    List<String> argv = new ArrayList<>(List.of("mongos"));
    argv.addAll(arguments);
    return new RouterOptions(
        List.copyOf(argv),
        values.get("--configdb"),
        Integer.parseInt(values.getOrDefault("--port", "27017")),
        values.getOrDefault("--bind_ip", "127.0.0.1"),
        Optional.ofNullable(values.get("--logpath")),
        append,
        Optional.ofNullable(values.get("--pidfilepath")),
        parameters,
        security,
        version);
  }

  /** The full version, such as {@code 4.4.6-8}. */
  String release() {
    return RELEASES.get(version);
  }

  int maxWireVersion() {
    return WIRE_VERSIONS.get(version);
  }

  /**
   * How this router is protected.
   *
   * @throws IllegalArgumentException with a real server's reason for not starting so
   */
  Security protection() throws IOException {
    return Security.of(
        false,
        path("--keyFile"),
        security.getOrDefault("--tlsMode", ""),
        path("--tlsCertificateKeyFile"),
        path("--tlsCAFile"),
        security.containsKey(CERTIFICATES_OPTIONAL));
  }

  private Optional<Path> path(String option) {
    return Optional.ofNullable(security.get(option)).map(Path::of);
  }

  /** Whether it is 5.0 or later. */
  boolean isAtLeast5() {
    return maxWireVersion() >= 13;
  }

  /** Whether it is 8.0 or later. */
  boolean isAtLeast8() {
    return maxWireVersion() >= 25;
  }

  /** What getCmdLineOpts replies. */
  BsonDocument commandLine() {
    BsonArray list = new BsonArray();
    argv.forEach(argument -> list.add(new BsonString(argument)));
    BsonDocument parsed =
        doc("net", doc("bindIp", bindIp, "port", port), "sharding", doc("configDB", configdb));
    logpath.ifPresent(
        path ->
            parsed.put(
                "systemLog", doc("destination", "file", "logAppend", logappend, "path", path)));
    if (!setParameters.isEmpty()) {
      BsonDocument parameters = new BsonDocument();
      setParameters.forEach((name, value) -> parameters.put(name, new BsonString(value)));
      parsed.put("setParameter", parameters);
    }
    return doc("argv", list, "parsed", parsed, "ok", 1.0);
  }
}
