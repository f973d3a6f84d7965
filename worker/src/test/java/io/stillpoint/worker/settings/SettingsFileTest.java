package io.stillpoint.worker.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.retention.RetentionPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsFileTest {
  private static final String CLUSTER =
      "  clusters: { shop: { uri: 'mongodb://u:secret@db1:27017' } }\n";

  @TempDir Path directory;

  private WorkerSettings read(String yaml, Map<String, String> environment) throws IOException {
    Path file = Files.writeString(directory.resolve("worker.yml"), "stillpoint:\n" + yaml);
    return SettingsFile.read(Optional.of(file), environment);
  }

  private void shouldRefuse(String yaml, String... parts) {
    assertThatThrownBy(() -> read(yaml, Map.of()))
        .isInstanceOfSatisfying(
            StillpointException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.CONFIGURATION_INVALID);
              assertThat(e.getMessage()).contains("worker.yml").contains(parts);
              assertThat(e.hint()).isNotEmpty();
              assertThat(e.text()).doesNotContain("secret");
            });
  }

  @Test
  void shouldReadControlWorkerWithDefaults() throws IOException {
    WorkerSettings settings = read(CLUSTER, Map.of());

    assertThat(settings.roles()).containsExactly(Role.CONTROL);
    assertThat(settings.catalog())
        .isEqualTo(new CatalogPlace.Directory(Path.of("/var/lib/stillpoint/catalog")));
    assertThat(settings.timing().keepAlive()).isEqualTo(Duration.ofSeconds(15));
    assertThat(settings.health()).isEqualTo(new Health("127.0.0.1", 8099));
    assertThat(settings.node()).isEmpty();
    assertThat(settings.ebs()).isEmpty();
    assertThat(settings.gce()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "/, 'is /, but must be a directory of its own'",
    "/../, 'is /, but must be'",
    "/data/db, 'inside the data-path /data/db'",
    "/data/db/snapshots, 'inside the data-path /data/db'"
  })
  void shouldRefuseASnapshotRootThatIsNoPlaceForSnapshots(String root, String words) {
    String node =
        """
          roles: [node]
          node:
            snapshot-root: %s
            members: [{ address: 'db1:27017', data-path: /data/db, config-file: /etc/mongod.conf }]
        """
            .indent(0)
            .formatted(root);

    shouldRefuse(node, "stillpoint.node.snapshot-root", words);
  }

  @Test
  void shouldReadACatalogInADatabase() throws IOException {
    WorkerSettings settings =
        read(CLUSTER + "  catalog: { uri: 'mongodb://u:secret@c/backups' }\n", Map.of());

    assertThat(settings.catalog())
        .isEqualTo(new CatalogPlace.Mongo("mongodb://u:secret@c/backups"));
    assertThat(settings.toString()).doesNotContain("secret");
    shouldRefuse(
        CLUSTER + "  catalog: { uri: 'mongodb://c', directory: /srv/catalog }\n",
        "catalog.directory and a uri are given");
    shouldRefuse(CLUSTER + "  catalog: { uri: 'http://secret' }\n", "catalog.uri must hold");
    shouldRefuse(CLUSTER + "  catalog: { uri-file: /nowhere }\n", "catalog.uri-file names");
  }

  @Test
  void shouldReadRetentionOfEachCluster() throws IOException {
    WorkerSettings settings =
        read(
            """
              clusters:
                shop:
                  uri: mongodb://db1:27017
                  retention: { keep-last: 3, keep-daily: 14, minimum-age: 2d }
                test: { uri: 'mongodb://db2:27017' }
            """,
            Map.of());

    assertThat(settings.retention("shop"))
        .isEqualTo(new RetentionPolicy(3, 14, 0, 0, 0, Optional.of(Duration.ofDays(2))));
    assertThat(settings.retention("test").isEmpty()).isTrue();
    assertThat(settings.retention("other").isEmpty()).isTrue();
    shouldRefuse(
        "  clusters: { shop: { uri: 'mongodb://db1', retention: { keep-lasts: 3 } } }\n",
        "clusters.shop.retention.keep-lasts is not a known key");
  }

  @Test
  void shouldReadNodeAgent() throws IOException {
    WorkerSettings settings =
        read(
            """
              roles: node
              node:
                snapshot-root: /backup
                members:
                  - address: db1:27017
                    data-path: /data/db
                    mongod: /opt/mongod
                    config-file: /etc/mongod.conf
                    start-command: [systemctl, start, mongod]
                    hold-file: /var/lib/stillpoint-node/mongod.hold
                  - { address: "db1:27018", arguments: [--port, "27018"] }
            """,
            Map.of());

    NodeEntry node = settings.node().orElseThrow();
    assertThat(node.snapshotRoot()).isEqualTo(Path.of("/backup"));
    assertThat(node.members()).extracting(MemberEntry::address).contains("db1:27017", "db1:27018");
    assertThat(node.members().get(0).startCommand())
        .containsExactly("systemctl", "start", "mongod");
    assertThat(node.members().get(0).holdFile())
        .contains(Path.of("/var/lib/stillpoint-node/mongod.hold"));
    assertThat(node.members().get(1).arguments()).containsExactly("--port", "27018");
  }

  @Test
  void shouldKeepNamesOfClustersAsWritten() throws IOException {
    WorkerSettings settings = read("  clusters: { Shop_EU: { uri: 'mongodb://db1' } }\n", Map.of());

    assertThat(settings.clusters()).containsOnlyKeys("Shop_EU");
  }

  @Test
  void shouldReadSecretFromFile() throws IOException {
    Path secret = Files.writeString(directory.resolve("uri"), "mongodb://u:p@db1\n");

    WorkerSettings settings =
        read("  clusters: { shop: { uri-file: '%s' } }\n".formatted(secret), Map.of());

    assertThat(settings.clusters().get("shop").uri()).isEqualTo("mongodb://u:p@db1");
    assertThat(settings.toString()).doesNotContain("u:p");
  }

  @Test
  void shouldLetEnvironmentWin() throws IOException {
    WorkerSettings settings =
        read(
            CLUSTER + "  health: { port: 1 }\n",
            Map.of(
                "STILLPOINT_HEALTH_PORT", "9000",
                "STILLPOINT_CLUSTERS_SHOP_URI", "mongodb://other",
                "STILLPOINT_CATALOG_DIRECTORY", "/srv/catalog"));

    assertThat(settings.health().port()).isEqualTo(9000);
    assertThat(settings.clusters().get("shop").uri()).isEqualTo("mongodb://other");
    assertThat(settings.catalog()).isEqualTo(new CatalogPlace.Directory(Path.of("/srv/catalog")));
  }

  @Test
  void shouldReadClusterFromEnvironmentAlone() {
    WorkerSettings settings =
        SettingsFile.read(
            Optional.empty(),
            Map.of(
                "STILLPOINT_CLUSTERS_SHOP_URI", "mongodb://db1",
                "STILLPOINT_CLUSTERS_SHOP_ROUTERS", "a:1, b:2"));

    assertThat(settings.clusters()).containsOnlyKeys("shop");
    assertThat(settings.clusters().get("shop").routers()).containsExactly("a:1", "b:2");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "catalogue: { directory: /c }| stillpoint.catalogue is not a known key",
        "catalog: { dir: /c }| stillpoint.catalog.dir is not a known key",
        "catalog: { directory: c }| stillpoint.catalog.directory; absolute",
        "catalog: /c| stillpoint.catalog must be a section",
        "roles: [contrl]|'contrl'; control and node",
        "timing: { keep-alive: often }| stillpoint.timing.keep-alive is 'often'; 15s",
        "timing: { keep-alive: 10m }| stillpoint.timing.keep-alive; at most 5m",
        "timing: { heartbeat: 0s }| stillpoint.timing.heartbeat",
        "health: { port: 70000 }| stillpoint.health.port is '70000'; 65535",
        "ebs: { volumes: [] }| stillpoint.ebs.region is missing",
        "gce: { project: p, volumes: [{ member: a, instance: i, volume: v }] }"
            + "| stillpoint.gce.volumes[0].zone is missing"
      })
  void shouldRefuseWrongKeysAndValuesByName(String line, String parts) {
    shouldRefuse(CLUSTER + "  " + line + "\n", parts.strip().split("; "));
  }

  @Test
  void shouldRefuseMisspeltKeyOfMember() {
    shouldRefuse(
        "  roles: [node]\n"
            + "  node: { members: [{ address: 'a:1', arguments: [x], datapath: /d }] }\n",
        "stillpoint.node.members[0].datapath is not a known key");
  }

  @Test
  void shouldRefuseMemberThatNothingCouldStart() {
    shouldRefuse(
        "  roles: [node]\n  node: { members: [{ address: 'a:1' }] }\n",
        "stillpoint.node.members[0].config-file");
  }

  @Test
  void shouldNotQuoteSecretsOfBrokenYaml() {
    shouldRefuse(CLUSTER + "  roles: [\n  secret: }\n", "not valid YAML near line");
  }

  @Test
  void shouldRefuseUriAndUriFileTogether() {
    shouldRefuse(
        "  clusters: { shop: { uri: 'mongodb://secret', uri-file: /f } }\n",
        "stillpoint.clusters.shop.uri");
  }

  @Test
  void shouldRefuseControlWorkerWithoutCluster() {
    assertThatThrownBy(() -> SettingsFile.read(Optional.empty(), Map.of()))
        .hasMessageContaining("stillpoint.clusters is empty");
  }
}
