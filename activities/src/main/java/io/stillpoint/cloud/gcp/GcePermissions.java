package io.stillpoint.cloud.gcp;

import com.google.api.gax.rpc.ApiException;
import com.google.cloud.compute.v1.TestPermissionsRequest;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Asks Compute which permissions the caller has on things that exist. */
final class GcePermissions {

  private final GceAccess gce;
  private final GceSettings settings;
  private final List<String> missing = new ArrayList<>();

  GcePermissions(GceAccess gce, GceSettings settings) {
    this.gce = gce;
    this.settings = settings;
  }

  GcePermissions onInstance(String zone, String instance, List<String> needed) {
    note(
        "instance " + instance,
        needed,
        granted(
            "compute.instances.get",
            instance,
            needed,
            asked ->
                gce.instances()
                    .testIamPermissions(settings.project(), zone, instance, asked)
                    .getPermissionsList()));
    return this;
  }

  GcePermissions onDisk(String zone, String disk, List<String> needed) {
    note("disk " + disk, needed, grantedOnDisk(zone, disk, needed));
    return this;
  }

  GcePermissions onSnapshot(String snapshot, List<String> needed) {
    note(
        "snapshot " + snapshot,
        needed,
        granted(
            "compute.snapshots.get",
            snapshot,
            needed,
            asked ->
                gce.snapshots()
                    .testIamPermissions(settings.snapshotProject(), snapshot, asked)
                    .getPermissionsList()));
    return this;
  }

  boolean hasOnDisk(String zone, String disk, String permission) {
    return !grantedOnDisk(zone, disk, List.of(permission)).isEmpty();
  }

  /**
   * @throws StillpointException PROVIDER_DENIED naming every permission that was not granted
   */
  void requireNothingMissing() {
    if (!missing.isEmpty()) {
      throw new StillpointException(
          ErrorCode.PROVIDER_DENIED,
          "not granted: " + String.join(", ", missing),
          "grant it to the service account of this worker or node agent; see docs/cloud-gce.md");
    }
  }

  private List<String> grantedOnDisk(String zone, String disk, List<String> needed) {
    return granted(
        "compute.disks.get",
        disk,
        needed,
        asked ->
            gce.disks()
                .testIamPermissions(settings.project(), zone, disk, asked)
                .getPermissionsList());
  }

  private static List<String> granted(
      String ask,
      String subject,
      List<String> needed,
      Function<TestPermissionsRequest, List<String>> call) {
    try {
      return call.apply(TestPermissionsRequest.newBuilder().addAllPermissions(needed).build());
    } catch (ApiException e) {
      throw GceErrors.translate(ask, subject, e);
    }
  }

  private void note(String subject, List<String> needed, List<String> granted) {
    needed.stream()
        .filter(permission -> !granted.contains(permission))
        .forEach(permission -> missing.add("%s on %s".formatted(permission, subject)));
  }
}
