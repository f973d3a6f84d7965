package io.stillpoint.sandbox.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import io.stillpoint.model.Manifest;
import io.stillpoint.sandbox.faults.FaultCase.Laid;
import io.stillpoint.sandbox.faults.FaultCase.Outcome;
import io.stillpoint.sandbox.faults.InjectedFault.Kind;
import io.stillpoint.sandbox.temporal.DevServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Faults on real processes: a real Temporal server, a server process, a worker process. {@code make
 * faults} runs every case; the build runs a few that a seed chooses. {@code
 * -Dstillpoint.faults=all|NUMBER|PART-OF-NAME}, {@code -Dstillpoint.faults.seed=N}.
 */
@Tag("temporal-server")
@Tag("faults")
class FaultCampaignTest {

  private static final String NAMESPACE = "shop.orders";
  private static final String BASE = "base";
  private static final int DOCUMENTS = 300;
  private static final String PADDING = "x".repeat(2000);
  private static final Duration CALM = Duration.ofSeconds(90);

  /** Longer than a late effect may come after its activity began. */
  private static final long LATE_SECONDS = 40;

  @TempDir static Path directory;
  private static FaultWorld world;
  private static Map<String, BsonDocument> atBase;
  private static final List<String> TABLE = Collections.synchronizedList(new ArrayList<>());
  private int number;

  @BeforeAll
  static void start() {
    Optional<Path> program = DevServer.installed();
    Assumptions.assumeTrue(
        program.isPresent(), "skipped: no program 'temporal' on the PATH or in ~/go/bin");
    world = new FaultWorld(program.get(), directory);
    write(IntStream.range(0, DOCUMENTS).mapToObj(i -> "first-" + i).toList());
    assertThat(StruckOperation.backup(world, BASE).await()).isEqualTo("COMPLETED");
    atBase = read();
  }

  @AfterAll
  static void stop() throws IOException {
    if (world != null) {
      world.close();
      Collections.sort(TABLE);
      String table = String.join("\n", TABLE) + "\n";
      Files.writeString(Path.of("target", "fault-table.txt"), table);
      System.out.print(table);
    }
  }

  @TestFactory
  Stream<DynamicTest> shouldHoldTheInvariantsAfterEveryFault() {
    String wanted = System.getProperty("stillpoint.faults", "3");
    long seed = Long.getLong("stillpoint.faults.seed", 1L);
    List<FaultCase> cases = new ArrayList<>(FaultCase.all());
    if (wanted.matches("\\d+")) {
      Collections.shuffle(cases, new Random(seed));
      cases = cases.subList(0, Math.min(cases.size(), Integer.parseInt(wanted)));
    } else if (!wanted.equals("all")) {
      cases = cases.stream().filter(c -> c.name().contains(wanted)).toList();
    }
    return cases.stream().map(c -> DynamicTest.dynamicTest(c.name(), () -> run(c)));
  }

  @Timeout(value = 10, unit = TimeUnit.MINUTES)
  void run(FaultCase fault) throws Exception {
    try {
      strike(fault);
    } catch (Exception | AssertionError e) {
      throw new AssertionError(
          "%s; again with: make faults CASES=%s%n%s"
              .formatted(fault.name(), fault.name(), e.getMessage()),
          e);
    }
  }

  private void strike(FaultCase fault) throws Exception {
    String name = "c%d-%d".formatted(++number, System.nanoTime() / 1_000_000);
    write(List.of("before-" + name));
    Map<String, BsonDocument> before = read();
    if (fault.strike() instanceof Laid laid) {
      InjectedFault.arm(world.fault(), laid.fault());
    }
    StruckOperation operation =
        fault.restore()
            ? StruckOperation.restore(world, BASE, name)
            : StruckOperation.backup(world, name);
    fault.strike().on(world, operation);
    String told = operation.await();
    boolean struck = !Files.deleteIfExists(world.fault());
    if (fault.strike() instanceof Laid laid && laid.fault().kind() == Kind.LATE) {
      TimeUnit.SECONDS.sleep(LATE_SECONDS);
    }
    verify(fault, told, struck, before, name);
    TABLE.add("%-55s %s".formatted(fault.name(), told));
  }

  private void verify(
      FaultCase fault, String told, boolean struck, Map<String, BsonDocument> before, String name) {
    assertThat(struck).as("the fault struck; the user was told: " + told).isTrue();
    boolean completed = told.equals("COMPLETED");
    assertThat(told).as("it ended").isNotEqualTo("STILL RUNNING");
    if (fault.expected() != Outcome.EITHER) {
      assertThat(completed).as(told).isEqualTo(fault.expected() == Outcome.COMPLETES);
    }
    Awaitility.await()
        .atMost(CALM)
        .pollInterval(Duration.ofMillis(500))
        .untilAsserted(() -> assertThat(world.invariants().violations()).isEmpty());
    world.cluster().sets().get(0).awaitPrimary();
    assertThat(read()).as(told).isEqualTo(fault.restore() && completed ? atBase : before);
    if (!fault.restore() && completed) {
      Manifest manifest = world.client().manifest(name);
      assertThat(manifest.consistentPoint()).isPresent();
      world.client().deleteBackup(name);
    }
  }

  private static void write(List<String> ids) {
    try (MongoClient client = MongoClients.create(world.cluster().uri())) {
      MongoCollection<BsonDocument> collection = collection(client);
      for (String id : ids) {
        collection.insertOne(
            new BsonDocument("_id", new BsonString(id))
                .append("n", new BsonInt32(id.length()))
                .append("padding", new BsonString(PADDING)));
      }
    }
  }

  private static Map<String, BsonDocument> read() {
    try (MongoClient client = MongoClients.create(world.cluster().uri())) {
      Map<String, BsonDocument> all = new TreeMap<>();
      collection(client).find().forEach(d -> all.put(d.getString("_id").getValue(), d));
      return all;
    }
  }

  private static MongoCollection<BsonDocument> collection(MongoClient client) {
    int dot = NAMESPACE.indexOf('.');
    return client
        .getDatabase(NAMESPACE.substring(0, dot))
        .getCollection(NAMESPACE.substring(dot + 1), BsonDocument.class);
  }
}
