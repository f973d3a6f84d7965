package io.stillpoint.sandbox.cloud;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillpoint.cloud.FoundVolume;
import io.stillpoint.cloud.VolumeRestorer.Request;
import io.stillpoint.cloud.VolumeRestorer.Shape;
import io.stillpoint.model.SnapshotRef;
import io.stillpoint.provider.ProgressListener;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The contract on moto, which knows the wire format from others' reading of it. Its known gaps, for
 * which only our own endpoint stands: snapshots are complete at once; limits per volume do not
 * exist; CreateSnapshots ignores excluded volumes and answers no state; client tokens, page sizes
 * and owners are ignored; nothing shows late and nothing gets lost.
 */
class EbsOnMotoTest extends CloudProviderContract<MotoBench> {

  private static MotoServer moto;

  @BeforeAll
  static void startMoto() throws Exception {
    Optional<Path> program = MotoServer.program();
    Assumptions.assumeTrue(
        program.isPresent(),
        "moto_server is not on the PATH (pip install 'moto[ec2,server]'), so EBS is tested against"
            + " our own endpoint only");
    moto = MotoServer.start(program.get());
  }

  @AfterAll
  static void stopMoto() {
    if (moto != null) {
      moto.close();
    }
  }

  @Override
  MotoBench open(Path root) throws Exception {
    moto.reset();
    return new MotoBench(moto.endpoint());
  }

  @Test
  void shouldCutSeveralVolumesAsOneSetAndDropWhatCameAlong() {
    List<SnapshotRef> cut = bench.cutSurely(CloudBench.WIDE, 1, "cursor-a");
    assertThat(cut).extracting(SnapshotRef::role).containsExactlyInAnyOrder("data", "journal");
    assertThat(bench.existing()).hasSize(2);
    assertThat(bench.cutSurely(CloudBench.WIDE, 1, "cursor-a"))
        .extracting(SnapshotRef::id)
        .containsExactlyInAnyOrderElementsOf(cut.stream().map(SnapshotRef::id).toList());
  }

  @Test
  void shouldCreateAttachDetachAndDeleteAVolumeTwiceEach() {
    SnapshotRef ready = bench.awaitReady(bench.cutSurely(CloudBench.ONE, 1, "cursor-a")).get(0);
    CloudBench.Target target = bench.target();
    int before = bench.allVolumes().size();
    Request request =
        new Request(
            "restore-1",
            "shop-1",
            CloudBench.TWO,
            ready,
            Shape.in(target.zone()),
            FoundVolume.EXCHANGE);
    String volume = bench.restorer().create(request, () -> {});
    assertThat(bench.restorer().create(request, () -> {})).isEqualTo(volume);
    for (int i = 0; i < 2; i++) {
      bench.restorer().attach("restore-1", volume, target.instance(), target.device(), () -> {});
    }
    for (int i = 0; i < 2; i++) {
      bench.restorer().detach(volume, target.instance(), () -> {});
    }
    for (int i = 0; i < 2; i++) {
      bench.restorer().delete("restore-1", volume);
    }
    assertThat(bench.allVolumes()).hasSize(before);
  }

  @Test
  void shouldCopyToAnotherRegionOnceAndDeleteTheCopyWithItsSnapshot() {
    List<SnapshotRef> ready = bench.awaitReady(bench.cutSurely(CloudBench.ONE, 1, "cursor-a"));
    SnapshotRef copied =
        bench.copying().copyElsewhere(ready, ProgressListener.NONE).snapshots().get(0);
    assertThat(copied.copies())
        .singleElement()
        .satisfies(copy -> assertThat(copy.place()).isEqualTo(MotoBench.ELSEWHERE))
        .satisfies(copy -> assertThat(copy.id()).isNotEqualTo(copied.id()));
    assertThat(bench.copying().copyElsewhere(ready, ProgressListener.NONE).snapshots())
        .containsExactly(copied);
    assertThat(bench.copying().inventory("shop"))
        .extracting(found -> found.ref().id())
        .containsExactlyInAnyOrderElementsOf(copied.ids().toList());
    bench.copying().discard("shop", "shop-1", List.of(copied));
    assertThat(bench.copying().inventory("shop")).isEmpty();
  }
}
