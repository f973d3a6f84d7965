package io.stillpoint.sandbox.cloud;

import java.nio.file.Path;
import java.util.List;

/** The restores again, of snapshots that another project keeps than the disks'. */
class GceOtherProjectTest extends VolumeRestorerContract<GceBench> {

  @Override
  GceBench open(Path root) {
    GceBench other = new GceBench(root, CloudTiming.ORDINARY);
    other.keepSnapshotsIn("vault");
    return other;
  }

  @Override
  List<String> changingCalls() {
    return List.of("disks.insert", "instances.attachDisk", "instances.detachDisk");
  }

  @Override
  FaultScript faults() {
    return bench.cloud.faults();
  }
}
