package io.stillpoint.sandbox.cloud;

import io.stillpoint.cloud.FoundVolume;
import io.stillpoint.cloud.VolumeRestorer.Request;
import io.stillpoint.cloud.VolumeRestorer.Shape;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.model.SnapshotRef;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class EbsRestorerTest extends VolumeRestorerContract<EbsBench> {

  @Override
  EbsBench open(Path root) {
    return new EbsBench(root, CloudTiming.ORDINARY);
  }

  @Override
  List<String> changingCalls() {
    return List.of("CreateVolume", "AttachVolume", "DetachVolume");
  }

  @Override
  FaultScript faults() {
    return bench.cloud.faults();
  }

  @Test
  void shouldRefuseAnArchivedSnapshotWithTheCommandThatBringsItBack() {
    SnapshotRef ready = bench.awaitReady(bench.cutSurely(CloudBench.ONE, 1, "cursor-a")).get(0);
    bench.cloud.archive(ready.id());
    CloudProviderContract.assertRefused(
        () ->
            restorer.create(
                new Request(
                    "restore-1",
                    "shop-1",
                    CloudBench.TWO,
                    ready,
                    Shape.in("eu-1b"),
                    FoundVolume.EXCHANGE),
                () -> {}),
        ErrorCode.SNAPSHOT_UNREACHABLE);
  }
}
