package io.stillpoint.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.mongo.StorageOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MongodOptionsTest {

  @TempDir private Path temp;

  @Test
  void shouldKeepOnlyWhatAStandaloneNeedsOfTheArguments() {
    MongodOptions options =
        options(
            "--dbpath /data --port 27017 --replSet rs0 --shardsvr --keyFile /k --auth --fork"
                + " --logpath /l --logappend --directoryperdb --wiredTigerCacheSizeGB=0.25"
                + " --tlsMode requireTLS --tlsAllowInvalidHostnames --enableEncryption"
                + " --encryptionKeyFile /e --setParameter syncdelay=5"
                + " --setParameter wiredTigerConcurrentReadTransactions=8 --simulate 6.0 -vv");

    assertThat(options.standaloneArguments().words())
        .containsExactly(
            "--directoryperdb",
            "--wiredTigerCacheSizeGB",
            "0.25",
            "--enableEncryption",
            "--encryptionKeyFile",
            "/e",
            "--setParameter",
            "wiredTigerConcurrentReadTransactions=8",
            "--simulate",
            "6.0",
            "-vv");
    assertThat(options.logPath()).contains(Path.of("/l"));
    assertThat(options.dbPath()).contains(Path.of("/data"));
    assertThat(options.storageOptions())
        .isEqualTo(new StorageOptions("wiredTiger", true, false, true, "AES256-CBC"));
  }

  @Test
  void shouldKeepOnlyWhatAStandaloneNeedsOfTheConfigurationFile() throws IOException {
    Path file =
        Files.writeString(
            temp.resolve("mongod.conf"),
            """
            storage:
              dbPath: /data/db
              directoryPerDB: true
              wiredTiger: {engineConfig: {cacheSizeGB: 1, directoryForIndexes: true}}
            systemLog: {destination: file, path: /var/log/mongod.log, logAppend: true}
            net: {port: 27017, bindIp: 0.0.0.0, tls: {mode: requireTLS}}
            replication: {replSetName: rs0}
            sharding: {clusterRole: shardsvr}
            security: {keyFile: /k, authorization: enabled, enableEncryption: true}
            setParameter: {ttlMonitorSleepSecs: 5}
            """);
    MongodOptions options = options("--config " + file);

    assertThat(options.standaloneConfig())
        .isEqualTo(
            Map.of(
                "storage",
                Map.of(
                    "directoryPerDB",
                    true,
                    "wiredTiger",
                    Map.of("engineConfig", Map.of("cacheSizeGB", 1, "directoryForIndexes", true))),
                "security",
                Map.of("enableEncryption", true)));
    assertThat(options.standaloneArguments().words()).isEmpty();
    assertThat(options.logPath()).contains(Path.of("/var/log/mongod.log"));
    assertThat(options.dbPath()).contains(Path.of("/data/db"));
    assertThat(options.configFile()).contains(file);
    assertThat(options.storageOptions())
        .isEqualTo(new StorageOptions("wiredTiger", true, true, true, "AES256-CBC"));
  }

  @Test
  void shouldSayWhichFileCannotBeRead() throws IOException {
    Path file = Files.writeString(temp.resolve("bad.conf"), "storage: [");

    for (String bad : List.of(file.toString(), temp.resolve("missing").toString())) {
      assertThatThrownBy(() -> options("-f " + bad))
          .hasMessageContaining(bad)
          .isInstanceOfSatisfying(
              StillpointException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIGURATION_INVALID));
    }
  }

  private static MongodOptions options(String arguments) {
    return MongodOptions.of(
        new NodeSettings(
            "h:1",
            Path.of("/data"),
            Path.of("/usr/bin/mongod"),
            Optional.empty(),
            List.of(arguments.split(" ")),
            List.of(),
            List.of(),
            Optional.empty(),
            Path.of("/snapshots"),
            1));
  }
}
