package io.stillpoint.sandbox.elsewhere;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import io.stillpoint.model.ClusterTime;
import io.stillpoint.restore.RestoreResult;
import io.stillpoint.sandbox.cluster.ClusterNames;
import io.stillpoint.sandbox.cluster.ClusterSpec;
import io.stillpoint.sandbox.cluster.LocalCluster;
import io.stillpoint.sandbox.cluster.LocalReplicaSet;
import io.stillpoint.sandbox.cluster.LocalServer;
import io.stillpoint.sandbox.cluster.ServerPrograms;
import io.stillpoint.sandbox.load.Bank;
import io.stillpoint.sandbox.load.Comparison;
import io.stillpoint.sandbox.load.ExpectedDocuments;
import io.stillpoint.sandbox.load.LoadSpec;
import io.stillpoint.sandbox.load.LoadWriter;
import io.stillpoint.sandbox.load.OplogOracle;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;
import org.bson.BsonTimestamp;
import org.bson.BsonValue;
import org.bson.Document;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The backup of one cluster, taken under load, restored by the real workflow onto another cluster
 * while the first one lives on. Runs on real servers with {@code -Dstillpoint.mongod=PATH
 * -Dstillpoint.mongos=PATH}.
 */
class RestoreElsewhereIT {
  private static final String ORDERS = LocalCluster.SHARDED_COLLECTION;
  private static final int ACCOUNTS = 40;
  private static final int TELLERS = 3;
  private static final ServerPrograms PROGRAMS = ServerPrograms.fromSystemProperties();

  @TempDir private Path directory;
  private TwoClusters clusters;

  @Test
  void shouldRestoreOntoOtherHostsAndSetNamesWithMoreMembers() throws Exception {
    start(1, 2, new ClusterNames("xrs", "xcfg", "shard"));

    RestoreResult result = restoreElsewhere(Map.of());

    assertThat(result.plan()).anyMatch(l -> l.startsWith("note: hosts or names differ"));
  }

  @Test
  void shouldRestoreOntoOtherShardIdsWithFewerMembers() throws Exception {
    start(2, 1, new ClusterNames("xrs", "xcfg", "other"));

    RestoreResult result = restoreElsewhere(Map.of("shard0", "other1", "rs1", "xrs0"));

    assertThat(result.plan())
        .anyMatch(l -> l.contains("shard id 'shard0' becomes 'other1'"))
        .anyMatch(l -> l.contains("shard id 'shard1' becomes 'other0'"));
  }

  /** Key files, and so the keys that sign cluster times, differ; the users are the same. */
  @Test
  void shouldRestoreBetweenClustersThatAskForLogins() throws Exception {
    String password = "common-to-both";
    clusters =
        new TwoClusters(
            directory,
            ClusterSpec.sharded(directory.resolve("source"), PROGRAMS, 1, 1)
                .withAuthentication(password),
            ClusterSpec.sharded(directory.resolve("target"), PROGRAMS, 1, 2)
                .withAuthentication(password)
                .withNames(new ClusterNames("xrs", "xcfg", "shard")));

    RestoreResult result = restoreElsewhere(Map.of());

    assertThat(result.plan()).anyMatch(l -> l.startsWith("note: hosts or names differ"));
  }

  @Test
  void shouldRestoreOntoAConfigServerThatIsAShardToo() throws Exception {
    Assumptions.assumeTrue(
        PROGRAMS.isSimulated(), "skipped: the config server can be a shard from 8.0 on only");
    ServerPrograms programs = ServerPrograms.simulated("8.0");
    clusters =
        new TwoClusters(
            directory,
            ClusterSpec.sharded(directory.resolve("source"), programs, 1, 1),
            ClusterSpec.sharded(directory.resolve("target"), programs, 1, 1)
                .withNames(new ClusterNames("xrs", "xcfg", "shard")));
    clusters.source().makeConfigServerAShard();
    clusters.target().makeConfigServerAShard();

    RestoreResult result = restoreElsewhere(Map.of());

    assertThat(result.plan()).anyMatch(l -> l.startsWith("xcfg: replace the data"));
  }

  private void start(int sourceMembers, int targetMembers, ClusterNames names) {
    clusters =
        new TwoClusters(
            directory,
            ClusterSpec.sharded(directory.resolve("source"), PROGRAMS, 2, sourceMembers),
            ClusterSpec.sharded(directory.resolve("target"), PROGRAMS, 2, targetMembers)
                .withNames(names));
  }

  private RestoreResult restoreElsewhere(Map<String, String> map) throws Exception {
    try (TwoClusters both = clusters) {
      LocalCluster source = both.source();
      LocalCluster target = both.target();
      ExpectedDocuments expected = backUpUnderLoad(source);
      ExpectedDocuments sourceNow =
          documents(source, new ClusterTime(expected.time().getTime() + 3600L, 0));
      giveItItsOwnLife(target);
      Map<String, BsonDocument> configurations = configurations(target);
      Map<String, Long> sourcePids = pids(source);
      long logged = logSize(target);

      RestoreResult result;
      try (ConnectionWatch watch =
          new ConnectionWatch(directory.resolve("target"), TwoClusters.addresses(source))) {
        result = both.restore("b1", map);
        requireSame(expected, target);
        try (Bank bank = new Bank(target.uri())) {
          Bank.Audit audit = bank.audit();
          assertThat(audit.balanced()).as("the bank: %s", audit).isTrue();
          assertThat(audit.accounts()).isEqualTo(ACCOUNTS);
        }
        assertThat(watch.hasSeenAnything()).isEqualTo(ConnectionWatch.isPossible());
        assertThat(watch.seen()).as("connections to the source").isEmpty();
      }

      assertThat(configurations(target)).isEqualTo(configurations);
      assertThat(configurations.toString()).contains("xrs0-0.example:27017");
      requireNoTrace(source, target, logged);
      requireSame(sourceNow, source);
      assertThat(pids(source)).isEqualTo(sourcePids);
      requireLifeWithout(source, target);
      return result;
    }
  }

  private ExpectedDocuments backUpUnderLoad(LocalCluster source) throws InterruptedException {
    AtomicBoolean closed = new AtomicBoolean();
    ClusterTime point;
    try (Bank bank = new Bank(source.uri());
        LoadWriter load = LoadWriter.start(LoadSpec.of(source.uri(), ORDERS))) {
      bank.open(ACCOUNTS, true);
      awaitWrites(load, 300);
      // The shards were added just now; see REMAP_UNSAFE.
      source.members().forEach(m -> m.run("admin", new BsonDocument("fsync", new BsonInt32(1))));
      List<Thread> tellers =
          Stream.iterate(0, i -> i + 1).limit(TELLERS).map(i -> teller(bank, i, closed)).toList();
      tellers.forEach(Thread::start);
      awaitWrites(load, 600);
      point = clusters.backUp("b1");
      awaitWrites(load, load.acknowledged() + 200);
      closed.set(true);
      for (Thread teller : tellers) {
        teller.join(Duration.ofSeconds(60).toMillis());
      }
    }
    return documents(source, point);
  }

  private static Thread teller(Bank bank, int number, AtomicBoolean closed) {
    Random random = new Random(number);
    return new Thread(
        () -> {
          for (int i = 0; !closed.get(); i++) {
            bank.transfer(number + "-" + i, ACCOUNTS, random);
          }
        },
        "teller-" + number);
  }

  /** What the target loses, and what it must keep. */
  private static void giveItItsOwnLife(LocalCluster target) {
    try (MongoClient client = MongoClients.create(target.uri())) {
      for (int i = 0; i < 20; i++) {
        client.getDatabase("shop").getCollection("orders").insertOne(new Document("ofTarget", i));
      }
    }
    for (LocalReplicaSet set : target.sets()) {
      LocalServer primary = set.awaitPrimary();
      BsonDocument configuration = configuration(primary);
      configuration.put(
          "version", new BsonInt32(configuration.getNumber("version").intValue() + 1));
      List<BsonValue> members = configuration.getArray("members");
      members
          .get(0)
          .asDocument()
          .put("tags", new BsonDocument("rack", new BsonString("of-" + set.name())));
      for (int i = 0; i < members.size(); i++) {
        // Other names for other networks; every member of a set has them, or none.
        String outside = "%s-%d.example:27017".formatted(set.name(), i);
        members
            .get(i)
            .asDocument()
            .put("horizons", new BsonDocument("outside", new BsonString(outside)));
      }
      configuration.getDocument("settings").put("heartbeatTimeoutSecs", new BsonInt32(11));
      primary.run("admin", new BsonDocument("replSetReconfig", configuration));
    }
  }

  private static Map<String, BsonDocument> configurations(LocalCluster cluster) {
    Map<String, BsonDocument> all = new LinkedHashMap<>();
    for (LocalReplicaSet set : cluster.sets()) {
      BsonDocument configuration = configuration(set.awaitPrimary());
      configuration.remove("version");
      configuration.remove("term");
      all.put(set.name(), configuration);
    }
    return all;
  }

  private static BsonDocument configuration(LocalServer member) {
    return member
        .run("admin", new BsonDocument("replSetGetConfig", new BsonInt32(1)))
        .getDocument("config");
  }

  private static ExpectedDocuments documents(LocalCluster cluster, ClusterTime time) {
    return new OplogOracle(cluster.dataSets().stream().map(LocalReplicaSet::uri).toList())
        .at(new BsonTimestamp((int) time.seconds(), (int) time.increment()), Set.of(ORDERS));
  }

  private static void requireSame(ExpectedDocuments expected, LocalCluster cluster) {
    Comparison comparison = expected.compare(cluster.uri());
    assertThat(comparison.expected()).isPositive();
    assertThat(comparison.identical()).as("%s", comparison).isTrue();
  }

  private static Map<String, Long> pids(LocalCluster cluster) {
    Map<String, Long> pids = new LinkedHashMap<>();
    cluster.members().forEach(m -> pids.put(m.name(), m.running().orElseThrow().pid()));
    return pids;
  }

  private long logSize(LocalCluster cluster) throws IOException {
    long size = 0;
    for (LocalServer server : cluster.members()) {
      size += Files.size(server.logPath());
    }
    return size;
  }

  /** Neither documents nor logs of the target name a server of the source. */
  private static void requireNoTrace(LocalCluster source, LocalCluster target, long loggedBefore)
      throws IOException {
    long logged = 0;
    for (LocalServer server : target.members()) {
      String text =
          read(server, "local", "system.replset")
              + read(server, "admin", "system.version")
              + read(server, "config", "shards")
              + Files.readString(server.logPath(), StandardCharsets.UTF_8);
      logged += Files.size(server.logPath());
      for (String address : TwoClusters.addresses(source)) {
        assertThat(text.contains(address)).as("%s knows %s", server, address).isFalse();
      }
    }
    assertThat(logged).isGreaterThan(loggedBefore);
  }

  private static String read(LocalServer server, String database, String collection) {
    return server
        .run(
            database,
            new BsonDocument("find", new BsonString(collection))
                .append("$readPreference", BsonDocument.parse("{mode: 'secondaryPreferred'}")))
        .toJson();
  }

  private static void requireLifeWithout(LocalCluster source, LocalCluster target) {
    source.stopAll();
    try (Bank bank = new Bank(target.uri());
        MongoClient client = MongoClients.create(target.uri())) {
      Random random = new Random(7);
      for (int i = 0; i < 20; i++) {
        bank.transfer("after-" + i, ACCOUNTS, random);
      }
      assertThat(bank.audit().balanced()).isTrue();
      for (int i = 0; i < 50; i++) {
        client.getDatabase("shop").getCollection("orders").insertOne(new Document("after", i));
      }
      assertThat(
              client
                  .getDatabase("shop")
                  .getCollection("orders")
                  .find(new Document("after", new Document("$gte", 0)))
                  .into(new ArrayList<>()))
          .hasSize(50);
    }
  }

  private static void awaitWrites(LoadWriter load, long atLeast) {
    Awaitility.await().atMost(Duration.ofMinutes(2)).until(() -> load.acknowledged() >= atLeast);
  }
}
