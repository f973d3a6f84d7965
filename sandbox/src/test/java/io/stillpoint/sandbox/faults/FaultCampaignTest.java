package io.stillpoint.sandbox.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillpoint.model.Manifest;
import io.stillpoint.recover.Finding;
import io.stillpoint.recover.RecoverClusterRequest;
import io.stillpoint.recover.RecoverClusterResult;
import io.stillpoint.sandbox.faults.FaultCase.Laid;
import io.stillpoint.sandbox.faults.FaultCase.Outcome;
import io.stillpoint.sandbox.temporal.DevServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.bson.BsonDocument;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.TestAbortedException;

/**
 * Faults on real processes: a real Temporal server, server processes, worker processes. {@code make
 * faults} runs every case; the build runs a few that a seed chooses. {@code
 * -Dstillpoint.faults=all|NUMBER|PATTERN-IN-NAME}, {@code -Dstillpoint.faults.world=set|sharded},
 * {@code -Dstillpoint.faults.seed=N}. How far it is: {@code target/fault-progress.txt}.
 */
@Tag("temporal-server")
@Tag("faults")
class FaultCampaignTest {

  /** What the build runs. */
  private static final int FEW = 3;

  private static final Duration CALM = Duration.ofSeconds(90);

  /** Longer than a late effect may come after its activity began. */
  private static final Duration LATE = Duration.ofSeconds(60);

  private static final Path PROGRESS = Path.of("target", "fault-progress.txt");

  @TempDir static Path directory;
  private static Path temporal;
  private static Scene scene;
  private static final List<String> TABLE = Collections.synchronizedList(new ArrayList<>());
  private int number;

  @BeforeAll
  static void start() throws IOException {
    Optional<Path> program = DevServer.installed();
    Assumptions.assumeTrue(
        program.isPresent(), "skipped: no program 'temporal' on the PATH or in ~/go/bin");
    temporal = program.get();
    Files.deleteIfExists(PROGRESS);
  }

  @AfterAll
  static void stop() throws IOException {
    leave();
    Collections.sort(TABLE);
    String table = String.join("\n", TABLE) + "\n";
    Files.writeString(Path.of("target", "fault-table.txt"), table);
    System.out.print(table);
  }

  @TestFactory
  Stream<DynamicTest> shouldHoldTheInvariantsAfterEveryFault() {
    return chosen().stream().map(c -> DynamicTest.dynamicTest(c.name(), () -> run(c)));
  }

  private static List<FaultCase> chosen() {
    Optional<String> wanted = Optional.ofNullable(System.getProperty("stillpoint.faults"));
    String world = System.getProperty("stillpoint.faults.world", "set");
    Random random = new Random(Long.getLong("stillpoint.faults.seed", 1L));
    List<FaultCase> cases =
        new ArrayList<>(
            FaultCase.all().stream()
                .filter(c -> c.shape().world().equals(world))
                .filter(c -> wanted.isPresent() || c.shape() == Shape.TOGETHER)
                .toList());
    String which = wanted.orElse(Integer.toString(FEW));
    if (which.matches("\\d+")) {
      Collections.shuffle(cases, random);
      cases = cases.subList(0, Math.min(cases.size(), Integer.parseInt(which)));
    } else if (!which.equals("all")) {
      Pattern part = Pattern.compile(which);
      cases = new ArrayList<>(cases.stream().filter(c -> part.matcher(c.name()).find()).toList());
    }
    // One world after the other.
    cases.sort(Comparator.comparing(FaultCase::shape));
    return cases;
  }

  @Timeout(value = 25, unit = TimeUnit.MINUTES)
  void run(FaultCase fault) throws Exception {
    long began = System.nanoTime();
    try {
      String told = strike(fault);
      TABLE.add("%-55s %s".formatted(fault.name(), told));
      progress("ok", fault, began, told);
    } catch (TestAbortedException e) {
      progress("SKIPPED", fault, began, e.getMessage());
      throw e;
    } catch (Exception | AssertionError e) {
      progress("FAILED", fault, began, e.getMessage());
      // What it left must not be blamed on the next case.
      leave();
      throw new AssertionError(
          "%s; again with: make faults WORLD=%s CASES=%s%n%s"
              .formatted(fault.name(), fault.shape().world(), fault.name(), e.getMessage()),
          e);
    }
  }

  private static void leave() {
    if (scene != null) {
      scene.close();
      scene = null;
    }
  }

  private static void progress(String outcome, FaultCase fault, long began, String said)
      throws IOException {
    long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began);
    Files.writeString(
        PROGRESS,
        "%-7s %-55s %4d s %s%n"
            .formatted(outcome, fault.name(), seconds, String.valueOf(said).replace("\n", " ")),
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }

  private String strike(FaultCase fault) throws Exception {
    FaultWorld world = scene(fault.shape());
    String impossible = fault.strike().impossible(world);
    Assumptions.assumeTrue(impossible.isEmpty(), () -> "skipped: " + impossible);
    String name = "c%d-%d".formatted(++number, System.nanoTime() / 1_000_000);
    scene.orders().add("before-" + name);
    Map<String, BsonDocument> before = scene.orders().all();
    if (fault.strike() instanceof Laid laid) {
      for (InjectedFault each : laid.faults()) {
        InjectedFault.arm(world.faults(), each);
      }
    }
    StruckOperation operation =
        fault.restore()
            ? StruckOperation.restore(world, Scene.BASE, name)
            : StruckOperation.backup(world, name);
    String told;
    try {
      fault.strike().on(world, operation);
    } finally {
      told = operation.await();
      world.mend();
    }
    boolean struck = InjectedFault.allStruck(world.faults());
    assertThat(struck).as("the fault struck; the user was told: " + told).isTrue();
    if (fault.strike() instanceof Laid laid && laid.late()) {
      Awaitility.await("a late effect")
          .atMost(LATE)
          .until(() -> InjectedFault.lateCame(world.faults()));
    }
    List<String> read = new ArrayList<>(List.of(told));
    operation.notes().forEach(n -> read.add("noted: " + n));
    // One that was killed may still be starting.
    world.workers().awaitUp();
    if (fault.recovered()) {
      recover(world).forEach(f -> read.add("recover: " + f));
    }
    verify(fault, told, before, name);
    return String.join("; ", read).replace(name, "NAME");
  }

  /** The world of that shape; the one before is ended, and restored data goes with it. */
  private static FaultWorld scene(Shape shape) throws IOException {
    if (scene == null || scene.shape() != shape) {
      leave();
      scene =
          Scene.open(
              shape,
              temporal,
              Files.createTempDirectory(directory, shape.name().toLowerCase(Locale.ROOT)));
    }
    return scene.world();
  }

  private static List<String> recover(FaultWorld world) {
    RecoverClusterResult result =
        world
            .client()
            .recover(new RecoverClusterRequest(FaultWorld.CLUSTER, false, true, false, Map.of()));
    assertThat(result.failed()).as("recover could not mend everything: " + result).isFalse();
    return result.findings().stream().map(Finding::line).toList();
  }

  private void verify(FaultCase fault, String told, Map<String, BsonDocument> before, String name) {
    boolean completed = told.equals("COMPLETED");
    FaultWorld world = scene.world();
    assertThat(told).as("it ended").isNotEqualTo("STILL RUNNING");
    if (fault.expected() != Outcome.EITHER) {
      assertThat(completed).as(told).isEqualTo(fault.expected() == Outcome.COMPLETES);
    }
    Awaitility.await()
        .atMost(CALM)
        .pollInterval(Duration.ofMillis(500))
        .untilAsserted(() -> assertThat(world.invariants().violations()).as(told).isEmpty());
    world.cluster().sets().forEach(s -> s.awaitPrimary());
    assertThat(scene.orders().all())
        .as(told)
        .isEqualTo(fault.restore() && completed ? scene.atBase() : before);
    if (!fault.restore() && completed) {
      Manifest manifest = world.client().manifest(name);
      assertThat(manifest.consistentPoint()).isPresent();
      world.client().deleteBackup(name);
    }
  }
}
