package io.stillpoint.cloud.gcp;

import com.google.api.gax.rpc.ApiException;
import com.google.cloud.compute.v1.Disk;
import com.google.cloud.compute.v1.Instance;
import io.stillpoint.activity.SnapshotActivities.CutRequest;
import io.stillpoint.activity.SnapshotActivities.DeleteRequest;
import io.stillpoint.activity.SnapshotActivities.Progress;
import io.stillpoint.activity.SnapshotActivities.VolumePlan;
import io.stillpoint.activity.SnapshotActivities.VolumeRequest;
import io.stillpoint.cloud.Absences;
import io.stillpoint.cloud.FoundSnapshot;
import io.stillpoint.cloud.Inscription;
import io.stillpoint.cloud.MemberPlacements;
import io.stillpoint.cloud.Pacer;
import io.stillpoint.cloud.Patience;
import io.stillpoint.cloud.SnapshotInventory;
import io.stillpoint.cloud.Strays;
import io.stillpoint.cloud.VolumeMap;
import io.stillpoint.cloud.VolumePlacement;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.SnapshotRef;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.provider.ProgressListener;
import io.stillpoint.provider.SnapshotProvider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compute Engine's standard disk snapshots. Content is fixed when a snapshot leaves CREATING, and
 * can be restored from when it is READY.
 */
public final class GceProvider implements SnapshotProvider, SnapshotInventory {

  private static final Logger LOG = LoggerFactory.getLogger(GceProvider.class);
  private static final Duration SETTLING = Duration.ofSeconds(5);
  private static final String CUT_PERMISSION = "compute.disks.createSnapshot";

  private final GceAccess gce;
  private final GceSettings settings;
  private final MemberPlacements members;
  private final GceSnapshots snapshots;
  private final GceCut cut;
  private final Patience patience;
  private final Absences absences;

  public GceProvider(GceAccess gce, GceSettings settings, Pacer pacer) {
    this.gce = gce;
    this.settings = settings;
    this.members =
        new MemberPlacements(
            new VolumeMap(settings.volumes()), new GceAttached(gce, settings), settings.askHosts());
    this.snapshots = new GceSnapshots(gce, settings);
    this.cut = new GceCut(gce, settings, snapshots, pacer);
    this.patience = new Patience(pacer);
    this.absences = new Absences(pacer, settings.lookFor());
  }

  @Override
  public SnapshotType type() {
    return SnapshotType.GCE;
  }

  @Override
  public VolumePlan resolve(VolumeRequest request) {
    List<String> lines = new ArrayList<>();
    List<String> warnings = new ArrayList<>();
    Optional<List<VolumePlacement>> known = members.find(request);
    if (known.isEmpty()) {
      return VolumePlan.ofHost();
    }
    List<VolumePlacement> placements = cuttable(request.member(), known.get());
    requireCurrent(request.member(), placements);
    for (VolumePlacement placement : placements) {
      Disk disk = disk(placement);
      String device = deviceOn(placement);
      lines.add(
          "%s %s, %d GB %s in %s, attached to %s as %s"
              .formatted(
                  disk.getName(),
                  placement.role(),
                  disk.getSizeGb(),
                  lastPart(disk.getType()),
                  placement.zone(),
                  placement.instance(),
                  device));
      if (disk.getUsersCount() > 1) {
        warnings.add(
            "%s is attached to %d instances; only the member's own may write to it"
                .formatted(disk.getName(), disk.getUsersCount()));
      }
      requireKey(disk);
      new GcePermissions(gce, settings)
          .onDisk(placement.zone(), placement.volume(), List.of(CUT_PERMISSION))
          .requireNothingMissing();
      lines.add("%s is granted on %s".formatted(CUT_PERMISSION, disk.getName()));
    }
    // The size of what a cut takes is the cloud's concern, so there is no free space to report.
    return new VolumePlan(lines, 0, warnings, MemberPlacements.planned(placements), false, "");
  }

  @Override
  public List<SnapshotRef> cut(CutRequest request, ProgressListener progress) {
    List<VolumePlacement> placements = cuttable(request.cursor().member(), members.of(request));
    long count = placements.size();
    Runnable alive = () -> progress.report(new Progress(0, 0, 0, count));
    alive.run();
    return cut.cut(request, placements, alive);
  }

  @Override
  public Readiness poll(List<SnapshotRef> asked) {
    List<SnapshotRef> now = new ArrayList<>();
    List<FoundSnapshot> found = new ArrayList<>();
    long total = 0;
    for (SnapshotRef ref : asked) {
      Optional<FoundSnapshot> seen = snapshots.find(ref.id());
      absences.note(ref.id(), seen.isPresent());
      seen.filter(FoundSnapshot::failed)
          .ifPresent(
              failed -> {
                throw new StillpointException(
                    ErrorCode.SNAPSHOT_FAILED,
                    "snapshot %s of %s has %s".formatted(ref.id(), ref.volume(), failed.failure()),
                    "start another backup; see the snapshot in the Cloud console for the reason");
              });
      now.add(seen.map(FoundSnapshot::ref).orElse(ref));
      seen.ifPresent(found::add);
      total += seen.map(s -> s.ref().bytes()).orElse(0L);
    }
    long ready = now.stream().filter(SnapshotRef::ready).count();
    long done = found.stream().mapToLong(FoundSnapshot::doneBytes).sum();
    if (ready == asked.size()) {
      deleteStrays(found);
    }
    return new Readiness(now, new Progress(done, total, ready, asked.size()));
  }

  @Override
  public void delete(DeleteRequest request) {
    Map<String, String> facts =
        Map.of(
            "cluster", request.cluster(),
            "backup", request.backup(),
            "attempt", String.valueOf(request.attempt()),
            "set", request.set(),
            "member", request.member());
    // One that was cut a moment ago may show late. What shows even later, an orphan sweep finds.
    patience
        .find(
            SETTLING, () -> {}, () -> Optional.of(snapshots.with(facts)).filter(s -> !s.isEmpty()))
        .ifPresent(found -> found.forEach(s -> snapshots.delete(s.ref().id())));
  }

  @Override
  public void discard(String cluster, String backup, List<SnapshotRef> given) {
    List<FoundSnapshot> found =
        given.stream().flatMap(ref -> snapshots.find(ref.id()).stream()).toList();
    found.forEach(snapshot -> Strays.requireOwner(snapshot, cluster, backup));
    found.forEach(snapshot -> snapshots.delete(snapshot.ref().id()));
  }

  @Override
  public List<SnapshotRef> list(String cluster, String backup) {
    return snapshots.with(Map.of("cluster", cluster, "backup", backup)).stream()
        .map(FoundSnapshot::ref)
        .toList();
  }

  @Override
  public List<FoundSnapshot> inventory(String cluster) {
    return snapshots.with(Map.of("cluster", cluster));
  }

  @Override
  public void remove(FoundSnapshot orphan) {
    snapshots.delete(orphan.ref().id());
  }

  @Override
  public void requireRestorable(String backup, SnapshotRef recorded) {
    snapshots.restorable(backup, recorded);
  }

  @Override
  public void inscribe(SnapshotRef snapshot, Inscription inscription) {
    snapshots.inscribe(snapshot, inscription);
  }

  /** Snapshots of attempts under lost cursors. Only now is it certain which were recorded. */
  private void deleteStrays(List<FoundSnapshot> recorded) {
    for (Map<String, String> facts : Strays.scopes(recorded)) {
      for (FoundSnapshot stray : Strays.among(snapshots.with(facts), recorded)) {
        LOG.warn("deleting {}, which no backup recorded", stray.ref());
        snapshots.delete(stray.ref().id());
      }
    }
  }

  /** Compute's client has no cut of several disks at one moment, which a file system needs. */
  private static List<VolumePlacement> cuttable(String member, List<VolumePlacement> placements) {
    long roles = placements.stream().map(VolumePlacement::role).distinct().count();
    if (roles < placements.size()) {
      throw new StillpointException(
          ErrorCode.VOLUME_UNSUITABLE,
          "member %s has a file system over several disks %s, which Compute cannot cut at once"
              .formatted(member, placements.stream().map(VolumePlacement::volume).toList()),
          "keep dbPath on one disk, or back the member up with --type directory");
    }
    return placements;
  }

  private void requireCurrent(String member, List<VolumePlacement> placements) {
    String instance = "/" + placements.get(0).instance();
    VolumeMap.requireCurrent(
        placements,
        GceDisks.with(
                gce,
                settings,
                placements.get(0).zone(),
                Map.of(GceDisks.FOR, GceNames.value(member)))
            .stream()
            .filter(disk -> disk.getUsersList().stream().anyMatch(u -> u.endsWith(instance)))
            .map(Disk::getName)
            .toList());
  }

  private Disk disk(VolumePlacement placement) {
    try {
      return gce.disks().get(settings.project(), placement.zone(), placement.volume());
    } catch (ApiException e) {
      throw GceErrors.translate("compute.disks.get", placement.volume(), e);
    }
  }

  /**
   * A snapshot has its disk's key, if that has one of the account's; and none that is not known.
   */
  private void requireKey(Disk disk) {
    Optional<String> own = GceSnapshots.key(disk.getDiskEncryptionKey().getKmsKeyName());
    if (!settings.kmsKey().isEmpty() && own.filter(k -> !k.equals(settings.kmsKey())).isPresent()) {
      throw new StillpointException(
          ErrorCode.VOLUME_UNSUITABLE,
          "disk %s is encrypted with %s, so its snapshots cannot be encrypted with %s"
              .formatted(disk.getName(), own.get(), settings.kmsKey()),
          "leave gce.kms-key out; the snapshots then have the disk's own key");
    }
    if (own.isEmpty() && !disk.getDiskEncryptionKey().getSha256().isEmpty()) {
      throw new StillpointException(
          ErrorCode.VOLUME_UNSUITABLE,
          "disk %s is encrypted with a key that must be supplied with every call"
              .formatted(disk.getName()),
          "keep the data on a disk with a Cloud KMS key, or back it up with --type directory");
    }
  }

  private String deviceOn(VolumePlacement placement) {
    Instance instance;
    try {
      instance = gce.instances().get(settings.project(), placement.zone(), placement.instance());
    } catch (ApiException e) {
      throw GceErrors.translate("compute.instances.get", placement.instance(), e);
    }
    return instance.getDisksList().stream()
        .filter(d -> lastPart(d.getSource()).equals(placement.volume()))
        .map(d -> d.getDeviceName())
        .findFirst()
        .orElseThrow(
            () ->
                new StillpointException(
                    ErrorCode.VOLUME_UNSUITABLE,
                    "disk %s of member %s is not attached to instance %s"
                        .formatted(placement.volume(), placement.member(), placement.instance()),
                    "correct instance and disk in the worker's configuration"));
  }

  private static String lastPart(String link) {
    return link.substring(link.lastIndexOf('/') + 1);
  }
}
