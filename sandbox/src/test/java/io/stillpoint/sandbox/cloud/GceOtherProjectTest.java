package io.stillpoint.sandbox.cloud;

import java.nio.file.Path;

/** The restores again, of snapshots that another project keeps than the disks'. */
class GceOtherProjectTest extends GceRestorerTest {

  @Override
  GceBench open(Path root) {
    GceBench other = super.open(root);
    other.keepSnapshotsIn("vault");
    return other;
  }
}
