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
import com.google.cloud.compute.v1.SetLabelsDiskRequest;
import com.google.cloud.compute.v1.Snapshot;
import com.google.cloud.compute.v1.ZoneSetLabelsRequest;
import io.stillpoint.cloud.Digests;
import io.stillpoint.cloud.Pacer;
import io.stillpoint.cloud.Patience;
import io.stillpoint.cloud.VolumeRestorer;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.SnapshotRef;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Disks from snapshots. A disk's name is derived from the restore, member and snapshot, and Compute
 * keeps names unique. The ids that this hands out are {@code <zone>/<disk>}.
 */
public final class GceRestorer implements VolumeRestorer {

  private static final Logger LOG = LoggerFactory.getLogger(GceRestorer.class);
  private static final Duration CREATING = Duration.ofMinutes(10);
  private static final Duration ATTACHING = Duration.ofSeconds(90);
  private static final String ATTACH = "compute.instances.attachDisk";
  private static final String DETACH = "compute.instances.detachDisk";
  private static final String DELETE = "compute.disks.delete";
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
      insert(request, place, snapshot);
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
    new GcePermissions(gce, settings)
        .onInstance(zone, instance, List.of(ATTACH, DETACH))
        .requireNothingMissing();
  }

  /** The right to create disks is the project's, which Compute cannot be asked about. */
  @Override
  public List<String> requireAllowed(
      Request request, String instance, String live, boolean deletesLive) {
    snapshots.restorable(request.backup(), request.snapshot());
    GcePermissions asked =
        new GcePermissions(gce, settings)
            .onInstance(request.shape().zone(), instance, List.of(ATTACH, DETACH))
            .onSnapshot(request.snapshot().id(), List.of("compute.snapshots.useReadOnly"));
    List<String> unchecked = List.of();
    if (!live.isEmpty()) {
      Place place = Place.of(live);
      asked.onDisk(
          place.zone(), place.disk(), List.of("compute.disks.use", "compute.disks.setLabels"));
      boolean own = find(place).filter(d -> d.containsLabels(RESTORE)).isPresent();
      if (deletesLive || own) {
        asked.onDisk(place.zone(), place.disk(), List.of(DELETE));
      } else if (!asked.hasOnDisk(place.zone(), place.disk(), DELETE)) {
        unchecked = List.of(DELETE + " can only be checked on a disk that a restore made");
      }
    }
    asked.requireNothingMissing();
    return unchecked;
  }

  @Override
  public Optional<String> keyOf(String backup, SnapshotRef snapshot) {
    return GceSnapshots.key(
        snapshots.restorable(backup, snapshot).getSnapshotEncryptionKey().getKmsKeyName());
  }

  @Override
  public Optional<String> keyOf(String volume) {
    Place place = Place.of(volume);
    Disk disk = find(place).orElseThrow(() -> noSuch(place));
    return GceSnapshots.key(disk.getDiskEncryptionKey().getKmsKeyName());
  }

  @Override
  public String id(String name, String zone) {
    return name.contains("/") ? name : zone + "/" + name;
  }

  @Override
  public Shape shapeOf(String volume) {
    Place place = Place.of(volume);
    Disk disk = find(place).orElseThrow(() -> noSuch(place));
    return new Shape(
        place.zone(),
        disk.getType().substring(disk.getType().lastIndexOf('/') + 1),
        Math.toIntExact(disk.getSizeGb()),
        Math.toIntExact(disk.getProvisionedIops()),
        Math.toIntExact(disk.getProvisionedThroughput()),
        GceSnapshots.key(disk.getDiskEncryptionKey().getKmsKeyName()).orElse(""));
  }

  @Override
  public void dispose(String volume) {
    delete(Place.of(volume));
  }

  private void insert(Request request, Place place, Snapshot snapshot) {
    Shape shape = request.shape();
    Disk.Builder disk =
        Disk.newBuilder()
            .setName(place.disk())
            .setSourceSnapshot(
                "projects/%s/global/snapshots/%s"
                    .formatted(settings.snapshotProject(), request.snapshot().id()))
            .setDescription(GceNames.description(facts(request, snapshot)))
            .putAllLabels(GceNames.labels(facts(request, snapshot)))
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
      disk.setSizeGb(Math.max(shape.sizeGib(), snapshot.getDiskSizeGb()));
    }
    if (shape.iops() > 0) {
      disk.setProvisionedIops(shape.iops());
    }
    if (shape.throughput() > 0) {
      disk.setProvisionedThroughput(shape.throughput());
    }
    // Unlike EBS, Compute does not keep the snapshot's key unless it is told to.
    Optional.of(shape.kmsKey())
        .filter(key -> !key.isEmpty())
        .or(() -> GceSnapshots.key(snapshot.getSnapshotEncryptionKey().getKmsKeyName()))
        .ifPresent(
            key ->
                disk.setDiskEncryptionKey(
                    CustomerEncryptionKey.newBuilder().setKmsKeyName(key).build()));
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

  private static Map<String, String> facts(Request request, Snapshot snapshot) {
    String cluster =
        GceSnapshots.read(snapshot).map(found -> found.identity().cluster()).orElse("");
    return Map.of(
        "cluster", cluster,
        "backup", request.backup(),
        "restore", request.restore(),
        "for", request.member(),
        "use", request.use());
  }

  /** Without the permission the disk stays for a person to judge; the restore is over. */
  @Override
  public void markReplaced(String volume) {
    Place place = Place.of(volume);
    Optional<Disk> own = find(place).filter(d -> d.containsLabels(RESTORE));
    if (own.isEmpty()) {
      return;
    }
    try {
      gce.disks()
          .setLabelsCallable()
          .call(
              SetLabelsDiskRequest.newBuilder()
                  .setProject(settings.project())
                  .setZone(place.zone())
                  .setResource(place.disk())
                  .setZoneSetLabelsRequestResource(
                      ZoneSetLabelsRequest.newBuilder()
                          .setLabelFingerprint(own.get().getLabelFingerprint())
                          .putAllLabels(own.get().getLabelsMap())
                          .putLabels(GceDisks.REPLACED, "true"))
                  .build());
    } catch (ApiException e) {
      StillpointException failed = GceErrors.translate("compute.disks.setLabels", volume, e);
      if (failed.code() != ErrorCode.PROVIDER_DENIED) {
        throw failed;
      }
      LOG.warn("{} cannot be marked as replaced: {}", volume, e.getMessage());
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
