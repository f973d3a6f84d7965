package io.stillpoint.sandbox.cloud;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillpoint.activities.ErrorMappingInterceptor;
import io.stillpoint.activities.InventoryActivitiesImpl;
import io.stillpoint.activities.OperationLink;
import io.stillpoint.activity.CatalogActivities.BeginRequest;
import io.stillpoint.activity.InventoryActivities;
import io.stillpoint.activity.InventoryActivities.FoundBackup;
import io.stillpoint.activity.InventoryActivities.Orphan;
import io.stillpoint.activity.InventoryActivities.Outcome;
import io.stillpoint.catalog.DirectoryCatalog;
import io.stillpoint.cloud.FoundVolume;
import io.stillpoint.cloud.VolumeRestorer.Request;
import io.stillpoint.cloud.VolumeRestorer.Shape;
import io.stillpoint.model.BalancerSettings;
import io.stillpoint.model.ClusterTime;
import io.stillpoint.model.FileListRef;
import io.stillpoint.model.Manifest;
import io.stillpoint.model.ManifestSet;
import io.stillpoint.model.OperationStatus;
import io.stillpoint.model.ReplicaSetRole;
import io.stillpoint.model.SnapshotRef;
import io.stillpoint.policy.Payloads;
import io.stillpoint.provider.ProgressListener;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.testing.TestActivityEnvironment;
import io.temporal.testing.TestEnvironmentOptions;
import io.temporal.worker.WorkerFactoryOptions;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A catalog that is lost and made anew, and snapshots that belong to nobody. */
class InventoryActivitiesTest {

  private static final String BACKUP = "shop-1";

  @TempDir private Path directory;
  private TestActivityEnvironment temporal;
  private int catalogs;
  private final Set<String> running = new HashSet<>();

  /** Temporal, as far as these activities ask it. */
  private record RunningRestores(Set<String> running) implements OperationLink {
    @Override
    public void cursorAdopted(String workflowId, String set, String holder) {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean isRunning(String workflowId, String runId) {
      return running.contains(workflowId);
    }

    @Override
    public boolean hasCompleted(String workflowId, String runId) {
      throw new UnsupportedOperationException();
    }

    @Override
    public String freeStaleLock(String cluster) {
      throw new UnsupportedOperationException();
    }
  }

  private DirectoryCatalog catalog;

  static Stream<Function<Path, CloudBench>> clouds() {
    return Stream.of(
        root -> new EbsBench(root, CloudTiming.ORDINARY),
        root -> new GceBench(root, CloudTiming.ORDINARY));
  }

  @BeforeEach
  void start() {
    temporal = environment();
    loseCatalog();
  }

  private static TestActivityEnvironment environment() {
    return TestActivityEnvironment.newInstance(
        TestEnvironmentOptions.newBuilder()
            .setWorkflowClientOptions(
                WorkflowClientOptions.newBuilder().setDataConverter(Payloads.converter()).build())
            .setWorkerFactoryOptions(
                WorkerFactoryOptions.newBuilder()
                    .setWorkerInterceptors(new ErrorMappingInterceptor())
                    .build())
            .build());
  }

  @AfterEach
  void stop() {
    temporal.close();
  }

  @ParameterizedTest
  @MethodSource("clouds")
  void shouldMakeTheManifestAnewFromTheSnapshotsAlone(Function<Path, CloudBench> cloud) {
    try (CloudBench bench = cloud.apply(directory.resolve("cloud"))) {
      InventoryActivities inventory = inventory(bench);
      List<SnapshotRef> snapshots =
          bench.awaitReady(bench.cutSurely(CloudBench.ONE, 1, "cursor-a"));
      Manifest manifest = manifest(snapshots, 40);
      catalog.adopt(manifest);
      inventory.inscribe(BACKUP);
      inventory.inscribe(BACKUP);
      assertThat(inventory.orphans("shop", true).orphans()).isEmpty();
      assertThat(outcome(inventory, false)).isEqualTo(Outcome.KNOWN);

      loseCatalog();
      InventoryActivities later = inventory(bench);
      assertThat(later.orphans("shop", true).orphans())
          .as("a lost catalog orphans nobody")
          .isEmpty();
      assertThat(later.orphans("shop", true).spared())
          .singleElement()
          .asString()
          .contains("catalog rebuild");
      assertThat(outcome(later, true)).isEqualTo(Outcome.REBUILT);
      assertThat(catalog.list(Optional.empty(), 10)).as("a dry run writes nothing").isEmpty();
      assertThat(outcome(later, false)).isEqualTo(Outcome.REBUILT);

      Manifest rebuilt = catalog.read(BACKUP);
      ManifestSet expected = manifest.sets().get(0).withoutFileList();
      assertThat(rebuilt.sets()).containsExactly(expected);
      assertThat(rebuilt.sets().get(0).files().lost()).isTrue();
      assertThat(rebuilt.warnings()).singleElement().asString().contains("file lists are lost");
      assertThat(rebuilt.with(manifest.sets(), manifest.warnings())).isEqualTo(manifest);
    }
  }

  @ParameterizedTest
  @MethodSource("clouds")
  void shouldDropTheLongDocumentsWhereTheyDoNotFit(Function<Path, CloudBench> cloud) {
    try (CloudBench bench = cloud.apply(directory.resolve("cloud"))) {
      InventoryActivities inventory = inventory(bench);
      Manifest manifest =
          manifest(bench.awaitReady(bench.cutSurely(CloudBench.ONE, 1, "cursor-a")), 4000);
      catalog.adopt(manifest);
      inventory.inscribe(BACKUP);

      loseCatalog();
      assertThat(outcome(inventory(bench), false)).isEqualTo(Outcome.REBUILT);
      assertThat(catalog.read(BACKUP).sets())
          .containsExactly(manifest.sets().get(0).slim().withoutFileList());
    }
  }

  @ParameterizedTest
  @MethodSource("clouds")
  void shouldNotMakeAManifestOfABackupThatLacksASnapshot(Function<Path, CloudBench> cloud) {
    try (CloudBench bench = cloud.apply(directory.resolve("cloud"))) {
      InventoryActivities inventory = inventory(bench);
      List<SnapshotRef> snapshots =
          bench.awaitReady(bench.cutSurely(CloudBench.WIDE, 1, "cursor-a"));
      catalog.adopt(manifest(snapshots, 1));
      inventory.inscribe(BACKUP);
      bench.inventory().remove(bench.inventory().inventory("shop").get(0));

      loseCatalog();
      assertThat(outcome(inventory(bench), false)).isEqualTo(Outcome.INCOMPLETE);
      assertThat(catalog.list(Optional.empty(), 10)).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("clouds")
  void shouldFindAndDeleteWhatBelongsToNoBackupAndNothingElse(Function<Path, CloudBench> cloud) {
    try (CloudBench bench = cloud.apply(directory.resolve("cloud"))) {
      InventoryActivities inventory = inventory(bench);
      List<SnapshotRef> good = bench.awaitReady(bench.cutSurely(CloudBench.ONE, 1, "cursor-a"));
      catalog.adopt(manifest(good, 1));
      String orphan = bench.cutSurely(CloudBench.TWO, 2, "cursor-lost").get(0).id();
      bench.advance(java.time.Duration.ofSeconds(5));

      List<Orphan> found = inventory.orphans("shop", true).orphans();
      assertThat(found).extracting(Orphan::id).containsExactly(orphan);
      assertThat(inventory.orphans("other", true).orphans()).isEmpty();
      assertThat(inventory.removeOrphans("shop", List.of(orphan, good.get(0).id())))
          .containsExactly(orphan);
      assertThat(bench.existing()).containsExactly(good.get(0).id());
    }
  }

  @ParameterizedTest
  @MethodSource("clouds")
  void shouldFindVolumesThatNoRestoreNeedsAndNeverOneThatMayHoldLiveData(
      Function<Path, CloudBench> cloud) {
    try (CloudBench bench = cloud.apply(directory.resolve("cloud"))) {
      InventoryActivities inventory = inventory(bench);
      List<SnapshotRef> good = bench.awaitReady(bench.cutSurely(CloudBench.ONE, 1, "cursor-a"));
      catalog.adopt(manifest(good, 1));
      CloudBench.Target target = bench.target();
      String copied = made(bench, "copying", good.get(0), FoundVolume.COPY);
      String attached = made(bench, "attached", good.get(0), FoundVolume.COPY);
      bench.restorer().attach("attached", attached, target.instance(), target.device(), () -> {});
      String perhapsLive = made(bench, "exchanging", good.get(0), FoundVolume.EXCHANGE);
      String replaced = made(bench, "earlier", good.get(0), FoundVolume.EXCHANGE);
      bench.restorer().markReplaced(replaced);
      running.add("restore/copying");
      assertThat(inventory.orphans("shop", true).orphans())
          .extracting(Orphan::id)
          .as("what a running restore made is its own")
          .containsExactly(replaced);
      assertThat(inventory.orphans("other", true).orphans()).isEmpty();

      running.clear();
      List<Orphan> orphans = inventory.orphans("shop", true).orphans();
      assertThat(orphans).extracting(Orphan::id).containsExactlyInAnyOrder(copied, replaced);
      assertThat(orphans).extracting(Orphan::kind).containsOnly(Orphan.VOLUME);
      assertThat(inventory.orphans("shop", true).spared())
          .hasSize(2)
          .anyMatch(s -> s.startsWith(attached) && s.contains("unmount and detach"))
          .anyMatch(s -> s.startsWith(perhapsLive) && s.contains("holds no live data"));
      List<String> all = List.of(copied, attached, perhapsLive, replaced, good.get(0).id());
      assertThat(inventory.removeOrphans("shop", all)).containsExactlyInAnyOrder(copied, replaced);
      assertThat(bench.restorer().made("exchanging", CloudBench.TWO, target.zone())).hasSize(1);
      assertThat(bench.restorer().made("attached", CloudBench.TWO, target.zone())).hasSize(1);
      assertThat(bench.existing()).hasSize(1);
    }
  }

  /** A user's own volume is not ours to give up, whatever replaced it. */
  @ParameterizedTest
  @MethodSource("clouds")
  void shouldLeaveVolumesThatNoRestoreMadeAlone(Function<Path, CloudBench> cloud) {
    try (CloudBench bench = cloud.apply(directory.resolve("cloud"))) {
      CloudBench.Target target = bench.target();
      String own = bench.attached().on(target.instance(), target.zone()).values().iterator().next();
      bench.restorer().markReplaced(own);
      bench.restorer().detach(own, target.instance(), () -> {});
      assertThat(inventory(bench).orphans("shop", true).orphans()).isEmpty();
      assertThat(inventory(bench).orphans("shop", true).spared()).isEmpty();
    }
  }

  private static String made(CloudBench bench, String restore, SnapshotRef snapshot, String use) {
    return bench
        .restorer()
        .create(
            new Request(
                restore, BACKUP, CloudBench.TWO, snapshot, Shape.in(bench.target().zone()), use),
            () -> {});
  }

  @Test
  void shouldCountRecordedCopiesElsewhereAsTheBackupsAndOthersAsOrphans() {
    try (EbsBench bench = new EbsBench(directory.resolve("cloud"), CloudTiming.ORDINARY, true)) {
      InventoryActivities inventory = inventory(bench);
      List<SnapshotRef> good = bench.awaitReady(bench.cutSurely(CloudBench.ONE, 1, "cursor-a"));
      List<SnapshotRef> copied = good;
      while (copied.get(0).copies().isEmpty()) {
        bench.advance(java.time.Duration.ofSeconds(15));
        copied = bench.provider().copyElsewhere(good, ProgressListener.NONE).snapshots();
      }
      catalog.adopt(manifest(copied, 1));
      assertThat(inventory.orphans("shop", true).orphans()).isEmpty();

      loseCatalog();
      catalog.adopt(manifest(good, 1));
      InventoryActivities later = inventory(bench);
      String copy = copied.get(0).copies().get(0).id();
      assertThat(later.orphans("shop", true).orphans())
          .extracting(Orphan::id)
          .containsExactly(copy);
      later.removeOrphans("shop", List.of(copy));
      assertThat(bench.elsewhere.snapshots()).isEmpty();
      assertThat(bench.existing()).hasSize(1);
    }
  }

  @ParameterizedTest
  @MethodSource("clouds")
  void shouldSpareARunningBackupUnlessTheClusterIsHeld(Function<Path, CloudBench> cloud) {
    try (CloudBench bench = cloud.apply(directory.resolve("cloud"))) {
      InventoryActivities inventory = inventory(bench);
      catalog.begin(new BeginRequest(BACKUP, "shop", bench.provider().type(), "owner", Map.of()));
      bench.cutSurely(CloudBench.ONE, 1, "cursor-a");
      bench.advance(java.time.Duration.ofSeconds(5));

      assertThat(inventory.orphans("shop", false).orphans()).isEmpty();
      assertThat(inventory.orphans("shop", false).spared()).hasSize(1);
      assertThat(inventory.orphans("shop", true).orphans()).hasSize(1);
      catalog.end(BACKUP, "owner", OperationStatus.FAILED, "for the test");
      assertThat(inventory.orphans("shop", false).orphans()).hasSize(1);
    }
  }

  private static Outcome outcome(InventoryActivities inventory, boolean dryRun) {
    List<FoundBackup> found = inventory.rebuild("shop", dryRun).backups();
    assertThat(found).hasSize(1);
    return found.get(0).outcome();
  }

  private void loseCatalog() {
    catalog = new DirectoryCatalog(directory.resolve("catalog" + catalogs++), Clock.systemUTC());
  }

  /** A worker with the catalog as it is now. */
  private InventoryActivities inventory(CloudBench bench) {
    temporal.close();
    temporal = environment();
    temporal.registerActivitiesImplementations(
        new InventoryActivitiesImpl(
            catalog,
            catalog.fileLists(),
            List.of(bench.inventory()),
            List.of(bench.volumeInventory()),
            new RunningRestores(running)));
    return temporal.newActivityStub(InventoryActivities.class);
  }

  /**
   * @param hosts how many members' names make the documents long
   */
  static Manifest manifest(List<SnapshotRef> snapshots, int hosts) {
    String configuration =
        IntStream.range(0, hosts)
            .mapToObj(i -> "{\"host\":\"db%d.example:%d\"}".formatted(i, 27017 + 31 * i * i))
            .toList()
            .toString();
    Instant at = Instant.parse("2026-11-22T10:15:00Z");
    ManifestSet set =
        new ManifestSet(
            "rs0",
            "shard0",
            ReplicaSetRole.SHARD,
            snapshots.get(0).member(),
            "4.4.6-8",
            "4.4",
            "/data/db",
            List.of("one:27017", "two:27017"),
            configuration,
            "{\"directoryPerDB\":false}",
            "cursor-a",
            new ClusterTime(1_763_799_990, 1),
            new ClusterTime(1_763_700_000, 1),
            new ClusterTime(1_763_799_995, 3),
            new ClusterTime(1_763_799_999, 2),
            4711,
            false,
            new FileListRef("rs0-1-abc.files", 812, 123_456_789, "a".repeat(64)),
            snapshots,
            List.of());
    return new Manifest(
        Manifest.FORMAT_VERSION,
        BACKUP,
        "shop",
        "cluster-id",
        true,
        snapshots.get(0).provider(),
        OperationStatus.COMPLETED,
        "owner",
        at,
        Optional.of(at.plusSeconds(60)),
        Optional.of(CloudBench.POINT),
        250,
        new BalancerSettings("{\"_id\":\"balancer\",\"mode\":\"full\"}", "", true),
        List.of(set),
        Map.of("team", "storage"),
        List.of("a warning"),
        "");
  }
}
