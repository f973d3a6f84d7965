package io.stillpoint.worker.settings;

import io.stillpoint.cloud.MachineMetadata;
import io.stillpoint.command.CommandSettings;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.mongo.ClusterTls;
import io.stillpoint.payload.PayloadKeys;
import io.stillpoint.retention.RetentionPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;

/** Reads {@link WorkerSettings}; every failure is CONFIGURATION_INVALID and names file and key. */
public final class SettingsFile {
  private static final String ROOT = "stillpoint";
  private static final int MAX_KEPT = 100_000;

  private SettingsFile() {}

  /** Without a file, everything comes from the environment. */
  public static WorkerSettings read(Optional<Path> file, Map<String, String> environment) {
    String source = file.map(Path::toString).orElse("environment");
    Map<?, ?> content = file.<Map<?, ?>>map(SettingsFile::parse).orElse(Map.of());
    SettingsReader document = new SettingsReader(source, "", content, environment);
    SettingsReader root = document.section(ROOT);
    document.finish();
    return settings(root);
  }

  private static WorkerSettings settings(SettingsReader root) {
    Set<Role> roles = roles(root);
    Optional<NodeEntry> node = roles.contains(Role.NODE) ? node(root) : Optional.empty();
    if (node.isEmpty()) {
      root.section("node");
    }
    WorkerSettings settings =
        new WorkerSettings(
            roles,
            root.text("identity"),
            catalog(root),
            clusters(root),
            node,
            CloudSections.ebs(root),
            CloudSections.gce(root),
            temporal(root),
            timing(root),
            health(root),
            OutsideSections.webhooks(root),
            OutsideSections.http(root),
            root.integer("activity-slots", 600, 1, 100_000));
    root.finish();
    return settings;
  }

  private static Set<Role> roles(SettingsReader root) {
    List<String> words = root.texts("roles");
    Set<Role> roles = EnumSet.noneOf(Role.class);
    for (String word : words.isEmpty() ? List.of("control") : words) {
      try {
        roles.add(Role.valueOf(word.toUpperCase(Locale.ROOT)));
      } catch (IllegalArgumentException e) {
        throw root.invalid("roles", "has '%s', but roles are control and node".formatted(word));
      }
    }
    return roles;
  }

  private static CatalogPlace catalog(SettingsReader root) {
    SettingsReader section = root.section("catalog");
    Optional<String> directory = section.text("directory");
    boolean database = section.text("uri").or(() -> section.text("uri-file")).isPresent();
    if (directory.isPresent() && database) {
      throw section.invalid("directory", "and a uri are given, but the catalog is in one place");
    }
    CatalogPlace place =
        database
            ? new CatalogPlace.Mongo(uri(section))
            : new CatalogPlace.Directory(
                absolute(section, "directory", "/var/lib/stillpoint/catalog"));
    section.text("uri-file");
    section.finish();
    return place;
  }

  private static Map<String, ClusterEntry> clusters(SettingsReader root) {
    Map<String, ClusterEntry> clusters = new LinkedHashMap<>();
    root.named("clusters", "uri-file", "uri")
        .forEach(
            (name, section) -> {
              if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,62}")) {
                throw section.invalid(
                    "uri", "has a name that is not letters, digits, '.', '_' and '-'");
              }
              clusters.put(
                  name,
                  new ClusterEntry(
                      name,
                      uri(section),
                      section.texts("routers"),
                      retention(section),
                      tls(section)));
              section.finish();
            });
    return clusters;
  }

  private static Optional<ClusterTls> tls(SettingsReader cluster) {
    if (!cluster.has("tls")) {
      cluster.section("tls");
      return Optional.empty();
    }
    SettingsReader section = cluster.section("tls");
    ClusterTls tls =
        new ClusterTls(
            section.text("ca-file").map(Path::of),
            section.text("certificate-key-file").map(Path::of));
    section.finish();
    return Optional.of(tls);
  }

  private static String uri(SettingsReader section) {
    Optional<String> direct = section.text("uri");
    Optional<String> file = section.text("uri-file");
    if (direct.isPresent() == file.isPresent()) {
      throw section.invalid("uri", "or uri-file must be given, one of the two");
    }
    String uri = direct.orElseGet(() -> secret(section, file.orElseThrow()));
    if (!uri.startsWith("mongodb://") && !uri.startsWith("mongodb+srv://")) {
      throw section.invalid(
          direct.isPresent() ? "uri" : "uri-file", "must hold a mongodb:// connection string");
    }
    return uri;
  }

  private static String secret(SettingsReader section, String file) {
    try {
      return Files.readString(Path.of(file)).strip();
    } catch (IOException e) {
      throw section.invalid("uri-file", "names %s, which cannot be read".formatted(file));
    }
  }

  private static RetentionPolicy retention(SettingsReader cluster) {
    SettingsReader section = cluster.section("retention");
    RetentionPolicy policy =
        new RetentionPolicy(
            section.integer("keep-last", 0, 0, MAX_KEPT),
            section.integer("keep-daily", 0, 0, MAX_KEPT),
            section.integer("keep-weekly", 0, 0, MAX_KEPT),
            section.integer("keep-monthly", 0, 0, MAX_KEPT),
            section.integer("keep-yearly", 0, 0, MAX_KEPT),
            section.duration("minimum-age"));
    section.finish();
    return policy;
  }

  private static Optional<NodeEntry> node(SettingsReader root) {
    SettingsReader section = root.section("node");
    Path snapshotRoot = absolute(section, "snapshot-root", "/var/lib/stillpoint/snapshots");
    int parallelCopies = section.integer("parallel-copies", 4, 1, 64);
    int copyBytesPerSecond = section.integer("copy-bytes-per-second", 0, 0, Integer.MAX_VALUE);
    List<MemberEntry> members = new ArrayList<>();
    for (SettingsReader member : section.list("members")) {
      members.add(member(member));
    }
    requireApart(section, snapshotRoot, members);
    List<RouterEntry> routers = new ArrayList<>();
    for (SettingsReader router : section.list("routers")) {
      routers.add(router(router));
    }
    MachineMetadata machine = CloudSections.machine(section.section("machine"));
    Optional<CommandSettings> command = command(section);
    section.finish();
    return Optional.of(
        new NodeEntry(
            snapshotRoot, parallelCopies, copyBytesPerSecond, members, routers, machine, command));
  }

  /** Told at the start, and not by the first backup: below it is written and deleted. */
  private static void requireApart(
      SettingsReader section, Path snapshotRoot, List<MemberEntry> members) {
    if (snapshotRoot.getNameCount() == 0) {
      throw section.invalid("snapshot-root", "is /, but must be a directory of its own");
    }
    members.stream()
        .map(MemberEntry::dataPath)
        .filter(snapshotRoot::startsWith)
        .findFirst()
        .ifPresent(
            data -> {
              throw section.invalid(
                  "snapshot-root",
                  "is '%s', inside the data-path %s, which a restore replaces"
                      .formatted(snapshotRoot, data));
            });
  }

  private static Optional<CommandSettings> command(SettingsReader node) {
    if (!node.has("command")) {
      node.section("command");
      return Optional.empty();
    }
    SettingsReader section = node.section("command");
    List<String> program = section.words("program");
    if (program.isEmpty() || !Path.of(program.get(0)).isAbsolute()) {
      throw section.invalid("program", "must be a list of words that begins with an absolute path");
    }
    CommandSettings settings =
        new CommandSettings(
            program,
            section.duration("limit", Duration.ofHours(1)),
            section.section("environment").pairs());
    section.finish();
    return Optional.of(settings);
  }

  private static RouterEntry router(SettingsReader section) {
    RouterEntry router =
        new RouterEntry(
            section.requiredText("address"),
            absolute(section, "mongos", "/usr/bin/mongos"),
            section.text("config-file").map(Path::of),
            section.words("arguments"),
            section.words("start-command"),
            section.words("stop-command"));
    if (router.configFile().isEmpty() && router.arguments().isEmpty()) {
      throw section.invalid(
          "config-file", "or arguments must be given: they say how this host starts the mongos");
    }
    section.finish();
    return router;
  }

  private static MemberEntry member(SettingsReader section) {
    String address = section.requiredText("address");
    if (!address.matches(".+:\\d{1,5}")) {
      throw section.invalid("address", "is '%s', but must be host:port".formatted(address));
    }
    MemberEntry member =
        new MemberEntry(
            address,
            absolute(section, "data-path", "/data/db"),
            absolute(section, "mongod", "/usr/bin/mongod"),
            section.text("config-file").map(Path::of),
            section.words("arguments"),
            section.words("start-command"),
            section.words("stop-command"),
            section.text("log-path").map(Path::of),
            holdFile(section));
    if (member.configFile().isEmpty() && member.arguments().isEmpty()) {
      throw section.invalid(
          "config-file", "or arguments must be given: they say how this host starts the member");
    }
    section.finish();
    return member;
  }

  private static Optional<Path> holdFile(SettingsReader section) {
    Optional<Path> file = section.text("hold-file").map(Path::of);
    if (file.isPresent() && !file.get().isAbsolute()) {
      throw section.invalid("hold-file", "must be an absolute path");
    }
    return file.map(Path::normalize);
  }

  private static TemporalEntry temporal(SettingsReader root) {
    SettingsReader section = root.section("temporal");
    TemporalEntry entry =
        new TemporalEntry(
            section.text("address"),
            section.text("namespace"),
            section.integer("cached-workflows", 600, 0, 100_000),
            deployment(section),
            PayloadKeys.load(section.text("payload-key-file"), section.text("payload-keys")));
    section.finish();
    return entry;
  }

  private static Optional<DeploymentEntry> deployment(SettingsReader temporal) {
    if (!temporal.has("deployment")) {
      temporal.section("deployment");
      return Optional.empty();
    }
    SettingsReader section = temporal.section("deployment");
    DeploymentEntry entry =
        new DeploymentEntry(section.requiredText("name"), section.requiredText("build-id"));
    section.finish();
    return Optional.of(entry);
  }

  private static Timing timing(SettingsReader root) {
    SettingsReader section = root.section("timing");
    Timing timing =
        new Timing(
            section.duration("keep-alive", Duration.ofSeconds(15)),
            section.duration("heartbeat", Duration.ofSeconds(3)),
            section.duration("drain", Duration.ofSeconds(25)));
    if (timing.keepAlive().compareTo(Duration.ofMinutes(5)) > 0) {
      throw section.invalid(
          "keep-alive", "must be at most 5m: the server drops a cursor after 10 idle minutes");
    }
    section.finish();
    return timing;
  }

  private static Health health(SettingsReader root) {
    SettingsReader section = root.section("health");
    Health health =
        new Health(
            section.text("address").orElse("127.0.0.1"), section.integer("port", 8099, 0, 65_535));
    section.finish();
    return health;
  }

  private static Path absolute(SettingsReader section, String key, String fallback) {
    Path path = Path.of(section.text(key).orElse(fallback));
    if (!path.isAbsolute()) {
      throw section.invalid(key, "is '%s', but must be an absolute path".formatted(path));
    }
    return path.normalize();
  }

  private static Map<?, ?> parse(Path file) {
    try (var reader = Files.newBufferedReader(file)) {
      LoaderOptions options = new LoaderOptions();
      options.setAllowDuplicateKeys(false);
      Object content = new Yaml(new SafeConstructor(options)).load(reader);
      if (content == null) {
        return Map.of();
      }
      if (content instanceof Map<?, ?> map) {
        return map;
      }
      throw unreadable(file, "is not a mapping", null);
    } catch (NoSuchFileException e) {
      throw unreadable(file, "does not exist", e);
    } catch (IOException e) {
      throw unreadable(file, "cannot be read: " + e.getClass().getSimpleName(), e);
    } catch (MarkedYAMLException e) {
      // The message of the parser quotes the text around the error, which may be a password.
      int line = e.getProblemMark() == null ? 0 : e.getProblemMark().getLine() + 1;
      throw unreadable(file, "is not valid YAML near line %d".formatted(line), null);
    } catch (YAMLException e) {
      throw unreadable(file, "is not valid YAML", null);
    }
  }

  private static StillpointException unreadable(Path file, String problem, Exception cause) {
    return new StillpointException(
        ErrorCode.CONFIGURATION_INVALID,
        "configuration %s %s".formatted(file, problem),
        "name the file with --config FILE or STILLPOINT_CONFIG; its shape is in docs/configuration.md",
        cause);
  }
}
