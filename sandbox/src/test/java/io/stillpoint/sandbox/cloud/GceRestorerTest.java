package io.stillpoint.sandbox.cloud;

import java.nio.file.Path;
import java.util.List;

class GceRestorerTest extends VolumeRestorerContract<GceBench> {

  @Override
  GceBench open(Path root) {
    return new GceBench(root, CloudTiming.ORDINARY);
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
