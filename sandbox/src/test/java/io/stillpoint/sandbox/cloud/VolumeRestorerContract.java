package io.stillpoint.sandbox.cloud;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillpoint.cloud.FoundVolume;
import io.stillpoint.cloud.VolumeRestorer;
import io.stillpoint.cloud.VolumeRestorer.Request;
import io.stillpoint.cloud.VolumeRestorer.Shape;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.model.SnapshotRef;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What turning snapshots into volumes must do in every cloud, each step twice. */
abstract class VolumeRestorerContract<B extends CloudBench> {

  private static final Runnable ALIVE = () -> {};

  @TempDir Path directory;

  B bench;
  CloudBench.Target target;
  VolumeRestorer restorer;
  int before;

  abstract B open(Path root);

  /** Names of the calls that create a volume, attach it and detach it. */
  abstract List<String> changingCalls();

  @BeforeEach
  void openBench() {
    bench = open(directory);
    target = bench.target();
    restorer = bench.restorer();
    before = bench.allVolumes().size();
  }

  @AfterEach
  void closeBench() {
    bench.close();
  }

  abstract FaultScript faults();

  @Test
  void shouldMoveTheDataOfASnapshotToAnotherMachine() throws Exception {
    SnapshotRef snapshot = readySnapshot();
    String volume = restorer.create(request("restore-1", snapshot), ALIVE);
    assertThat(bench.content(volume).resolve("a.wt")).hasContent("data");
    restorer.attach("restore-1", volume, target.instance(), target.device(), ALIVE);
    restorer.detach(volume, target.instance(), ALIVE);
    restorer.delete("restore-1", volume);
    assertThat(bench.allVolumes()).hasSize(before);
  }

  @Test
  void shouldDoNothingTwice() throws Exception {
    SnapshotRef snapshot = readySnapshot();
    String volume = restorer.create(request("restore-1", snapshot), ALIVE);
    assertThat(bench.restorer().create(request("restore-1", snapshot), ALIVE)).isEqualTo(volume);
    assertThat(bench.allVolumes()).hasSize(before + 1);
    for (int i = 0; i < 2; i++) {
      bench.restorer().attach("restore-1", volume, target.instance(), target.device(), ALIVE);
    }
    for (int i = 0; i < 2; i++) {
      bench.restorer().detach(volume, target.instance(), ALIVE);
    }
    for (int i = 0; i < 2; i++) {
      bench.restorer().delete("restore-1", volume);
    }
    assertThat(bench.allVolumes()).hasSize(before);
  }

  @Test
  void shouldMakeOneVolumeThoughAnswersAreLost() throws Exception {
    SnapshotRef snapshot = readySnapshot();
    changingCalls().forEach(call -> faults().add(call, Fault.connectionLostAfterEffect()));
    String volume =
        bench.tried(() -> bench.restorer().create(request("restore-1", snapshot), ALIVE));
    assertThat(bench.allVolumes()).hasSize(before + 1);
    bench.tried(
        () -> {
          bench.restorer().attach("restore-1", volume, target.instance(), target.device(), ALIVE);
          return true;
        });
    bench.tried(
        () -> {
          bench.restorer().detach(volume, target.instance(), ALIVE);
          return true;
        });
    restorer.delete("restore-1", volume);
    assertThat(bench.allVolumes()).hasSize(before);
  }

  @Test
  void shouldRefuseASnapshotThatIsNotReady() throws Exception {
    Files.writeString(bench.sourceOfOne().resolve("a.wt"), "data");
    SnapshotRef cut = bench.cutSurely(CloudBench.ONE, 1, "cursor-a").get(0);
    bench.advance(java.time.Duration.ofSeconds(2));
    CloudProviderContract.assertRefused(
        () -> restorer.create(request("restore-1", cut), ALIVE), ErrorCode.SNAPSHOT_INCOMPLETE);
  }

  @Test
  void shouldRefuseASnapshotOfAnotherBackupOrCursor() throws Exception {
    SnapshotRef snapshot = readySnapshot();
    Shape shape = Shape.in(target.zone());
    CloudProviderContract.assertRefused(
        () ->
            restorer.create(
                new Request(
                    "restore-1", "shop-2", CloudBench.TWO, snapshot, shape, FoundVolume.EXCHANGE),
                ALIVE),
        ErrorCode.SNAPSHOT_FOREIGN);
    SnapshotRef other =
        new SnapshotRef(
            snapshot.set(),
            snapshot.member(),
            snapshot.provider(),
            snapshot.id(),
            snapshot.volume(),
            snapshot.role(),
            "cursor-z",
            snapshot.bytes(),
            true);
    CloudProviderContract.assertRefused(
        () -> restorer.create(request("restore-1", other), ALIVE), ErrorCode.SNAPSHOT_FOREIGN);
    assertThat(bench.allVolumes()).hasSize(before);
  }

  @Test
  void shouldNotTouchAnotherRestoresVolume() throws Exception {
    String volume = restorer.create(request("restore-1", readySnapshot()), ALIVE);
    CloudProviderContract.assertRefused(
        () -> restorer.delete("restore-2", volume), ErrorCode.VOLUME_UNSUITABLE);
    CloudProviderContract.assertRefused(
        () -> restorer.attach("restore-2", volume, target.instance(), target.device(), ALIVE),
        ErrorCode.VOLUME_UNSUITABLE);
    assertThat(bench.allVolumes()).hasSize(before + 1);
  }

  private SnapshotRef readySnapshot() throws Exception {
    Files.writeString(bench.sourceOfOne().resolve("a.wt"), "data");
    return bench.awaitReady(bench.cutSurely(CloudBench.ONE, 1, "cursor-a")).get(0);
  }

  private Request request(String restore, SnapshotRef snapshot) {
    return new Request(
        restore, "shop-1", CloudBench.TWO, snapshot, Shape.in(target.zone()), FoundVolume.EXCHANGE);
  }
}
