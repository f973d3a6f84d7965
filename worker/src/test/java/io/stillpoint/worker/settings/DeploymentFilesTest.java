package io.stillpoint.worker.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.Yaml;

/** No Docker engine and no cluster run here, so what can be checked without them is. */
class DeploymentFilesTest {
  private static final Path ROOT = Path.of("..");
  private static final Path DEPLOY = ROOT.resolve("deploy");
  private static final Pattern AGENT =
      Pattern.compile("node.yml <<CONF\n(.*?)\nCONF", Pattern.DOTALL);

  @TempDir Path directory;

  @Test
  void shouldConfigureTheControlWorkersOfTheComposeFile() throws IOException {
    requireUsable(Files.readString(DEPLOY.resolve("docker/control.yml")));
  }

  @Test
  void shouldConfigureTheAgentsOfTheComposeFile() throws IOException {
    Matcher matcher = AGENT.matcher(Files.readString(DEPLOY.resolve("docker/node-entrypoint")));

    assertThat(matcher.find()).isTrue();
    requireUsable(matcher.group(1).replace("$MEMBER", "rs0:27018"));
  }

  @Test
  void shouldConfigureTheControlWorkersOfTheChart() throws IOException {
    Map<String, Object> values = map(read(DEPLOY.resolve("helm/stillpoint/values.yaml")));
    Path uri = Files.writeString(directory.resolve("uri"), "mongodb://db1.example");

    requireUsable(
        new Yaml()
            .dump(values.get("config"))
            .replace("/etc/stillpoint/secrets/shop.uri", uri.toString()));
  }

  @Test
  void shouldNameOnlyServicesVolumesAndFilesThatExist() throws IOException {
    Map<String, Object> compose = map(read(ROOT.resolve("docker-compose.yml")));
    Map<String, Object> services = map(compose.get("services"));
    Map<String, Object> volumes = map(compose.get("volumes"));

    services.forEach(
        (name, body) -> {
          Map<String, Object> service = map(body);
          assertThat(services.keySet()).as(name).containsAll(names(service.get("depends_on")));
          assertThat(String.valueOf(service.get("image"))).as(name).doesNotContain("latest");
          for (String mount : names(service.get("volumes"))) {
            String source = mount.split(":")[0];
            if (source.startsWith("./")) {
              assertThat(ROOT.resolve(source)).exists();
            } else {
              assertThat(volumes).containsKey(source);
            }
          }
        });
  }

  @Test
  void shouldPublishPortsToThisMachineOnly() throws IOException {
    Map<String, Object> services =
        map(map(read(ROOT.resolve("docker-compose.yml"))).get("services"));

    services.forEach(
        (name, body) ->
            assertThat(names(map(body).get("ports")))
                .as(name)
                .allMatch(port -> port.startsWith("127.0.0.1:")));
  }

  /** What it mounts for a restore must be there for mongod, which is another service. */
  @Test
  void shouldGiveTheAgentNoFileSystemsOfItsOwn() throws IOException {
    assertThat(Files.readAllLines(DEPLOY.resolve("systemd/stillpoint-node.service")))
        .contains("[Service]")
        .noneMatch(
            line ->
                line.matches(
                    "(Protect|Private|ReadOnlyPaths|ReadWritePaths|InaccessiblePaths|TemporaryFileSystem"
                        + "|BindPaths|BindReadOnlyPaths|RootDirectory|RootImage|MountFlags|DynamicUser"
                        + "|NoNewPrivileges).*=.*"));
  }

  private void requireUsable(String yaml) throws IOException {
    Path file = Files.writeString(directory.resolve("worker.yml"), yaml);
    assertThatCode(() -> SettingsFile.read(Optional.of(file), Map.of()))
        .as(yaml)
        .doesNotThrowAnyException();
  }

  private static Object read(Path file) throws IOException {
    return new Yaml().load(Files.readString(file));
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> map(Object value) {
    return (Map<String, Object>) value;
  }

  /** The names in a list, or of the keys of a map; none if there is neither. */
  private static List<String> names(Object value) {
    List<String> names = new ArrayList<>();
    if (value instanceof Map<?, ?> keys) {
      keys.keySet().forEach(k -> names.add(k.toString()));
    } else if (value instanceof List<?> list) {
      list.forEach(e -> names.add(e.toString()));
    }
    return names;
  }
}
