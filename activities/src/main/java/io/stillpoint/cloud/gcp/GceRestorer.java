package io.stillpoint.cloud.gcp;

import com.google.api.gax.rpc.ApiException;
import com.google.cloud.compute.v1.AttachDiskInstanceRequest;
import com.google.cloud.compute.v1.AttachedDisk;
import com.google.cloud.compute.v1.CustomerEncryptionKey;
import com.google.cloud.compute.v1.DeleteDiskRequest;
import com.google.cloud.compute.v1.DetachDiskInstanceRequest;
import com.google.cloud.compute.v1.Disk;
import com.google.cloud.compute.v1.InsertDiskRequest;
import com.google.cloud.compute.v1.Instance;
import com.google.cloud.compute.v1.Snapshot;
import com.google.cloud.compute.v1.TestPermissionsRequest;
import io.stillpoint.cloud.Digests;
import io.stillpoint.cloud.Pacer;
import io.stillpoint.cloud.Patience;
import io.stillpoint.cloud.VolumeRestorer;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Disks from snapshots. A disk's name is derived from the restore, member and snapshot, and Compute
 * keeps names unique. The ids that this hands out are {@code <zone>/<disk>}.
 */
public final class GceRestorer implements VolumeRestorer {

  private static final Duration CREATING = Duration.ofMinutes(10);
  private static final Duration ATTACHING = Duration.ofSeconds(90);
  private static final String RESTORE = GceNames.LABEL + "restore";

  private final GceAccess gce;
  private final GceSettings settings;
  private final GceSnapshots snapshots;
  private final Patience patience;

  /** A disk and its zone. */
  private record Place(String zone, String disk) {
    static Place of(String volume) {
      int slash = volume.indexOf('/');
      return new Place(volume.substring(0, slash), volume.substring(slash + 1));
    }

    String id() {
      return zone + "/" + disk;
    }
  }

  public GceRestorer(GceAccess gce, GceSettings settings, Pacer pacer) {
    this.gce = gce;
    this.settings = settings;
    this.snapshots = new GceSnapshots(gce, settings);
    this.patience = new Patience(pacer);
  }

  @Override
  public String create(Request request, Runnable alive) {
    Snapshot snapshot = snapshots.restorable(request.backup(), request.snapshot());
    String key = request.restore() + "/" + request.member() + "/" + request.snapshot().id();
    Place place = new Place(request.shape().zone(), "spr-" + Digests.sha256(key).substring(0, 40));
    if (find(place).isEmpty()) {
      insert(request, place, snapshot.getDiskSizeGb());
    }
    patience
        .find(CREATING, alive, () -> find(place).filter(GceRestorer::isReady))
        .orElseThrow(() -> late("disk %s was not created".formatted(place.id())));
    requireOf(request.restore(), place);
    return place.id();
  }

  @Override
  public void attach(
      String restore, String volume, String instance, String device, Runnable alive) {
    Place place = Place.of(volume);
    Disk disk = requireOf(restore, place);
    if (disk.getUsersCount() == 0) {
      try {
        gce.instances()
            .attachDiskCallable()
            .call(
                AttachDiskInstanceRequest.newBuilder()
                    .setProject(settings.project())
                    .setZone(place.zone())
                    .setInstance(instance)
                    .setRequestId(UUID.randomUUID().toString())
                    .setAttachedDiskResource(
                        AttachedDisk.newBuilder()
                            .setSource(link(place))
                            .setDeviceName(device)
                            .setAutoDelete(false))
                    .build());
      } catch (ApiException e) {
        if (!GceErrors.outcomeUnknown(e)) {
          throw GceErrors.translate("compute.instances.attachDisk", volume, e);
        }
      }
    } else if (disk.getUsersList().stream().noneMatch(u -> u.endsWith("/" + instance))) {
      throw new StillpointException(
          ErrorCode.VOLUME_UNSUITABLE,
          "disk %s is attached to %s, not to %s".formatted(volume, disk.getUsersList(), instance),
          "detach it there, then try again");
    }
    patience
        .find(ATTACHING, alive, () -> deviceOf(place, instance))
        .orElseThrow(() -> late("disk %s was not attached to %s".formatted(volume, instance)));
  }

  @Override
  public void detach(String volume, String instance, Runnable alive) {
    Place place = Place.of(volume);
    if (find(place).isEmpty()) {
      return;
    }
    Optional<String> device = deviceOf(place, instance);
    if (device.isEmpty()) {
      return;
    }
    try {
      gce.instances()
          .detachDiskCallable()
          .call(
              DetachDiskInstanceRequest.newBuilder()
                  .setProject(settings.project())
                  .setZone(place.zone())
                  .setInstance(instance)
                  .setDeviceName(device.get())
                  .setRequestId(UUID.randomUUID().toString())
                  .build());
    } catch (ApiException e) {
      if (!GceErrors.outcomeUnknown(e)) {
        throw GceErrors.translate("compute.instances.detachDisk", volume, e);
      }
    }
    patience
        .find(ATTACHING, alive, () -> find(place).filter(disk -> disk.getUsersCount() == 0))
        .orElseThrow(() -> late("disk %s was not detached from %s".formatted(volume, instance)));
  }

  @Override
  public List<String> made(String restore, String member, String zone) {
    return GceDisks.with(
            gce,
            settings,
            zone,
            Map.of(RESTORE, GceNames.value(restore), GceDisks.FOR, GceNames.value(member)))
        .stream()
        .map(disk -> new Place(zone, disk.getName()).id())
        .toList();
  }

  @Override
  public void delete(String restore, String volume) {
    Place place = Place.of(volume);
    if (find(place).isEmpty()) {
      return;
    }
    requireOf(restore, place);
    delete(place);
  }

  private void delete(Place place) {
    try {
      gce.disks()
          .deleteCallable()
          .call(
              DeleteDiskRequest.newBuilder()
                  .setProject(settings.project())
                  .setZone(place.zone())
                  .setDisk(place.disk())
                  .setRequestId(UUID.randomUUID().toString())
                  .build());
    } catch (ApiException e) {
      if (!GceErrors.isNotFound(e)) {
        throw GceErrors.translate("compute.disks.delete", place.id(), e);
      }
    }
  }

  @Override
  public void requireAllowed(String instance, String zone, String live) {
    List<String> needed = List.of("compute.instances.attachDisk", "compute.instances.detachDisk");
    try {
      List<String> granted =
          gce.instances()
              .testIamPermissions(
                  settings.project(),
                  zone,
                  instance,
                  TestPermissionsRequest.newBuilder().addAllPermissions(needed).build())
              .getPermissionsList();
      for (String permission : needed) {
        if (!granted.contains(permission)) {
          throw new StillpointException(
              ErrorCode.PROVIDER_DENIED,
              "%s is not granted on instance %s".formatted(permission, instance),
              "grant it to the node agent's service account; see docs/cloud-gce.md");
        }
      }
    } catch (ApiException e) {
      throw GceErrors.translate("compute.instances.get", instance, e);
    }
  }

  @Override
  public String id(String name, String zone) {
    return name.contains("/") ? name : zone + "/" + name;
  }

  @Override
  public Shape shapeOf(String volume) {
    Place place = Place.of(volume);
    Disk disk = find(place).orElseThrow(() -> noSuch(place));
    String key = disk.getDiskEncryptionKey().getKmsKeyName();
    return new Shape(
        place.zone(),
        disk.getType().substring(disk.getType().lastIndexOf('/') + 1),
        Math.toIntExact(disk.getSizeGb()),
        Math.toIntExact(disk.getProvisionedIops()),
        Math.toIntExact(disk.getProvisionedThroughput()),
        // A disk is made with a key, not with the version that the key had.
        key.replaceFirst("/cryptoKeyVersions/.*", ""));
  }

  @Override
  public void dispose(String volume) {
    delete(Place.of(volume));
  }

  private void insert(Request request, Place place, long snapshotGb) {
    Shape shape = request.shape();
    Disk.Builder disk =
        Disk.newBuilder()
            .setName(place.disk())
            .setSourceSnapshot(
                "projects/%s/global/snapshots/%s"
                    .formatted(settings.project(), request.snapshot().id()))
            .setDescription(request.restore())
            .putAllLabels(
                Map.of(
                    RESTORE,
                    GceNames.value(request.restore()),
                    GceDisks.FOR,
                    GceNames.value(request.member())));
    if (!shape.type().isEmpty()) {
      disk.setType("zones/%s/diskTypes/%s".formatted(place.zone(), shape.type()));
    }
    if (shape.sizeGib() > 0) {
      disk.setSizeGb(Math.max(shape.sizeGib(), snapshotGb));
    }
    if (shape.iops() > 0) {
      disk.setProvisionedIops(shape.iops());
    }
    if (shape.throughput() > 0) {
      disk.setProvisionedThroughput(shape.throughput());
    }
    if (!shape.kmsKey().isEmpty()) {
      disk.setDiskEncryptionKey(
          CustomerEncryptionKey.newBuilder().setKmsKeyName(shape.kmsKey()).build());
    }
    try {
      gce.disks()
          .insertCallable()
          .call(
              InsertDiskRequest.newBuilder()
                  .setProject(settings.project())
                  .setZone(place.zone())
                  .setRequestId(UUID.randomUUID().toString())
                  .setDiskResource(disk)
                  .build());
    } catch (ApiException e) {
      if (!GceErrors.existsAlready(e) && !GceErrors.outcomeUnknown(e)) {
        throw GceErrors.translate("compute.disks.create", place.id(), e);
      }
    }
  }

  private Optional<Disk> find(Place place) {
    try {
      return Optional.of(gce.disks().get(settings.project(), place.zone(), place.disk()));
    } catch (ApiException e) {
      if (GceErrors.isNotFound(e)) {
        return Optional.empty();
      }
      throw GceErrors.translate("compute.disks.get", place.id(), e);
    }
  }

  private Optional<String> deviceOf(Place place, String instance) {
    try {
      Instance found = gce.instances().get(settings.project(), place.zone(), instance);
      return found.getDisksList().stream()
          .filter(d -> d.getSource().endsWith("/disks/" + place.disk()))
          .map(AttachedDisk::getDeviceName)
          .findFirst();
    } catch (ApiException e) {
      throw GceErrors.translate("compute.instances.get", instance, e);
    }
  }

  private Disk requireOf(String restore, Place place) {
    Disk disk = find(place).orElseThrow(() -> noSuch(place));
    if (!disk.getLabelsOrDefault(RESTORE, "").equals(GceNames.value(restore))) {
      throw new StillpointException(
          ErrorCode.VOLUME_UNSUITABLE,
          "disk %s was made for '%s', not for restore %s"
              .formatted(place.id(), disk.getLabelsOrDefault(RESTORE, ""), restore),
          "nothing was changed; a restore works on its own disks only");
    }
    return disk;
  }

  private static boolean isReady(Disk disk) {
    if (disk.getStatus().equals("FAILED")) {
      throw new StillpointException(
          ErrorCode.SNAPSHOT_FAILED,
          "disk %s failed while it was created".formatted(disk.getName()),
          "see the disk in the Cloud console");
    }
    return disk.getStatus().equals("READY");
  }

  private String link(Place place) {
    return "projects/%s/zones/%s/disks/%s"
        .formatted(settings.project(), place.zone(), place.disk());
  }

  private static StillpointException noSuch(Place place) {
    return new StillpointException(
        ErrorCode.VOLUME_UNSUITABLE,
        "disk %s does not exist".formatted(place.id()),
        "start the restore again under a new name");
  }

  private static StillpointException late(String what) {
    return new StillpointException(
        ErrorCode.PROVIDER_FAILED,
        what + " in time",
        "it is tried again; look at the disk in the Cloud console");
  }
}
