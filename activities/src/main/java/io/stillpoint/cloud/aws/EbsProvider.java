package io.stillpoint.cloud.aws;

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
import io.stillpoint.cloud.SnapshotIdentity;
import io.stillpoint.cloud.SnapshotInventory;
import io.stillpoint.cloud.Strays;
import io.stillpoint.cloud.VolumeMap;
import io.stillpoint.cloud.VolumePlacement;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.ClusterTime;
import io.stillpoint.model.SnapshotCopy;
import io.stillpoint.model.SnapshotRef;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.provider.ProgressListener;
import io.stillpoint.provider.SnapshotProvider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.ec2.model.ResourceType;
import software.amazon.awssdk.services.ec2.model.Volume;

/**
 * EBS snapshots. A snapshot's content is fixed when the API accepts the request; until it is
 * stored, which can take hours, nothing of the database is held.
 */
public final class EbsProvider implements SnapshotProvider, SnapshotInventory {

  private static final Logger LOG = LoggerFactory.getLogger(EbsProvider.class);
  private static final Duration SETTLING = Duration.ofSeconds(5);

  private final Ec2Access ec2;
  private final MemberPlacements members;
  private final EbsSnapshots snapshots;
  private final EbsVolumes volumes;
  private final EbsCut cut;
  private final Patience patience;
  private final Absences absences;
  private final Optional<EbsCopies> copies;

  /** Without copies elsewhere. */
  public EbsProvider(Ec2Access ec2, EbsSettings settings, Pacer pacer) {
    this(ec2, Optional.empty(), settings, pacer);
  }

  /**
   * @param elsewhere the region that the settings copy to
   */
  public EbsProvider(
      Ec2Access ec2, Optional<Ec2Access> elsewhere, EbsSettings settings, Pacer pacer) {
    this.copies =
        elsewhere.map(
            there -> new EbsCopies(there, settings.copy().orElseThrow(), settings, pacer));
    this.ec2 = ec2;
    this.members =
        new MemberPlacements(
            new VolumeMap(settings.volumes()), new EbsAttached(ec2), settings.askHosts());
    this.snapshots = new EbsSnapshots(ec2);
    this.volumes = new EbsVolumes(ec2);
    this.cut = new EbsCut(ec2, snapshots, volumes, settings, pacer);
    this.patience = new Patience(pacer);
    this.absences = new Absences(pacer, settings.lookFor());
  }

  @Override
  public SnapshotType type() {
    return SnapshotType.EBS;
  }

  @Override
  public VolumePlan resolve(VolumeRequest request) {
    Optional<List<VolumePlacement>> known = members.find(request);
    if (known.isEmpty()) {
      return VolumePlan.ofHost();
    }
    List<VolumePlacement> placements = known.get();
    List<Volume> found = volumes.check(placements);
    VolumeMap.requireCurrent(
        placements, volumes.restoredFor(request.member(), placements.get(0).instance()));
    List<String> lines = new ArrayList<>();
    List<String> warnings = new ArrayList<>();
    for (int i = 0; i < placements.size(); i++) {
      VolumePlacement placement = placements.get(i);
      Volume volume = found.get(i);
      lines.add(
          "%s %s, %d GiB %s in %s, attached to %s as %s"
              .formatted(
                  volume.volumeId(),
                  placement.role(),
                  volume.size(),
                  volume.volumeTypeAsString(),
                  volume.availabilityZone(),
                  placement.instance(),
                  deviceOn(volume, placement.instance())));
      if (volume.attachments().size() > 1) {
        warnings.add(
            "%s is attached to %d instances; only the member's own may write to it"
                .formatted(volume.volumeId(), volume.attachments().size()));
      }
      checkPermission(request, volume.volumeId());
      lines.add("ec2:CreateSnapshot with our tags is allowed on " + volume.volumeId());
      copies.ifPresent(c -> lines.add(volume.volumeId() + ": " + c.planned(volume.volumeId())));
    }
    // The size of what a cut takes is the cloud's concern, so there is no free space to report.
    return new VolumePlan(
        lines,
        0,
        warnings,
        MemberPlacements.planned(placements),
        false,
        copies.map(EbsCopies::region).orElse(""));
  }

  @Override
  public List<SnapshotRef> cut(CutRequest request, ProgressListener progress) {
    List<VolumePlacement> placements = members.of(request);
    long count = placements.size();
    Runnable alive = () -> progress.report(new Progress(0, 0, 0, count));
    alive.run();
    return cut.cut(request, placements, alive);
  }

  @Override
  public Readiness copyElsewhere(List<SnapshotRef> asked, ProgressListener progress) {
    if (copies.isEmpty()) {
      return SnapshotProvider.super.copyElsewhere(asked, progress);
    }
    List<EbsSnapshots.Tagged> sources =
        snapshots.byId(asked.stream().map(SnapshotRef::id).toList());
    Runnable alive = () -> progress.report(new Progress(0, 0, 0, asked.size()));
    Map<String, FoundSnapshot> found = new HashMap<>();
    for (EbsSnapshots.Tagged source : sources) {
      found.put(source.found().ref().id(), copies.get().findOrCreate(source, alive));
    }
    asked.forEach(ref -> absences.note(ref.id(), found.containsKey(ref.id())));
    List<SnapshotRef> now = EbsCopies.recorded(asked, copies.get().region(), found);
    return new Readiness(
        now,
        new Progress(
            found.values().stream().mapToLong(FoundSnapshot::doneBytes).sum(),
            found.values().stream().mapToLong(copy -> copy.ref().bytes()).sum(),
            now.stream().filter(ref -> !ref.copies().isEmpty()).count(),
            asked.size()));
  }

  @Override
  public Readiness poll(List<SnapshotRef> asked) {
    Map<String, EbsSnapshots.Tagged> found =
        snapshots.byId(asked.stream().map(SnapshotRef::id).toList()).stream()
            .collect(Collectors.toMap(t -> t.found().ref().id(), Function.identity()));
    List<SnapshotRef> now = new ArrayList<>();
    long done = 0;
    long total = 0;
    for (SnapshotRef ref : asked) {
      Optional<FoundSnapshot> seen =
          Optional.ofNullable(found.get(ref.id())).map(EbsSnapshots.Tagged::found);
      absences.note(ref.id(), seen.isPresent());
      seen.filter(FoundSnapshot::failed)
          .ifPresent(
              failed -> {
                throw new StillpointException(
                    ErrorCode.SNAPSHOT_FAILED,
                    "snapshot %s of %s failed: %s"
                        .formatted(ref.id(), ref.volume(), failed.failure()),
                    "start another backup; see the snapshot in the EC2 console for the reason");
              });
      now.add(seen.map(FoundSnapshot::ref).orElse(ref));
      done += seen.map(FoundSnapshot::doneBytes).orElse(0L);
      total += seen.map(s -> s.ref().bytes()).orElse(0L);
    }
    long ready = now.stream().filter(SnapshotRef::ready).count();
    if (ready == asked.size()) {
      deleteStrays(found.values().stream().map(EbsSnapshots.Tagged::found).toList());
    }
    return new Readiness(now, new Progress(done, total, ready, asked.size()));
  }

  @Override
  public Duration pollInterval() {
    return Duration.ofSeconds(15);
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
    copies.ifPresent(c -> c.with(facts).forEach(copy -> c.delete(copy.ref().id())));
    // One that was cut a moment ago may show late. What shows even later, an orphan sweep finds.
    patience
        .find(
            SETTLING, () -> {}, () -> Optional.of(snapshots.with(facts)).filter(s -> !s.isEmpty()))
        .ifPresent(found -> found.forEach(s -> snapshots.delete(s.found().ref().id())));
  }

  @Override
  public void discard(String cluster, String backup, List<SnapshotRef> given) {
    given.forEach(this::requireCopiesInReach);
    List<FoundSnapshot> found =
        snapshots.byId(given.stream().map(SnapshotRef::id).toList()).stream()
            .map(EbsSnapshots.Tagged::found)
            .toList();
    found.forEach(snapshot -> Strays.requireOwner(snapshot, cluster, backup));
    copies.ifPresent(c -> given.forEach(ref -> c.deleteOf(ref.id())));
    found.forEach(snapshot -> snapshots.delete(snapshot.ref().id()));
  }

  /** A deletion that left copies behind would leave nothing that names them. */
  private void requireCopiesInReach(SnapshotRef ref) {
    for (SnapshotCopy copy : ref.copies()) {
      if (copies.filter(c -> c.region().equals(copy.place())).isEmpty()) {
        throw new StillpointException(
            ErrorCode.CONFIGURATION_INVALID,
            "snapshot %s has the copy %s in %s, where this worker does not copy to"
                .formatted(ref.id(), copy.id(), copy.place()),
            "set ebs.copy.region to %s on the control workers of the snapshot's own region, then"
                    .formatted(copy.place())
                + " delete the backup again");
      }
    }
  }

  @Override
  public List<SnapshotRef> list(String cluster, String backup) {
    return snapshots.with(Map.of("cluster", cluster, "backup", backup)).stream()
        .map(tagged -> tagged.found().ref())
        .toList();
  }

  @Override
  public List<FoundSnapshot> inventory(String cluster) {
    List<FoundSnapshot> all =
        new ArrayList<>(
            snapshots.with(Map.of("cluster", cluster)).stream()
                .map(EbsSnapshots.Tagged::found)
                .toList());
    copies.ifPresent(c -> all.addAll(c.with(Map.of("cluster", cluster))));
    return all;
  }

  @Override
  public void remove(FoundSnapshot orphan) {
    if (orphan.place().isEmpty()) {
      snapshots.delete(orphan.ref().id());
    } else {
      copies.ifPresent(c -> c.delete(orphan.ref().id()));
    }
  }

  @Override
  public void requireRestorable(String backup, SnapshotRef recorded) {
    snapshots.restorable(backup, recorded);
  }

  @Override
  public void inscribe(SnapshotRef snapshot, Inscription inscription) {
    snapshots.inscribe(snapshot.idIn(ec2.region()), snapshot, inscription);
    copies.ifPresent(c -> c.inscribe(snapshot, inscription));
  }

  /**
   * Deletes what two tries at once, or a try whose answer was lost, left beside the recorded ones.
   * Only now is it certain which were recorded.
   */
  private void deleteStrays(List<FoundSnapshot> recorded) {
    for (Map<String, String> facts : Strays.scopes(recorded)) {
      List<FoundSnapshot> all =
          snapshots.with(facts).stream().map(EbsSnapshots.Tagged::found).toList();
      for (FoundSnapshot stray : Strays.among(all, recorded)) {
        LOG.warn("deleting {}, which no backup recorded", stray.ref());
        snapshots.delete(stray.ref().id());
      }
    }
  }

  private void checkPermission(VolumeRequest request, String volume) {
    SnapshotIdentity identity =
        new SnapshotIdentity(
            request.cluster(),
            request.backup(),
            0,
            request.set(),
            request.member(),
            "data",
            volume,
            "",
            ClusterTime.ZERO);
    try {
      ec2.creating()
          .createSnapshot(
              call ->
                  call.volumeId(volume)
                      .dryRun(true)
                      .tagSpecifications(
                          EbsTags.specification(
                              ResourceType.SNAPSHOT, EbsTags.of(List.of(identity)))));
    } catch (SdkException e) {
      if (!Ec2Errors.codeOf(e).equals("DryRunOperation")) {
        throw Ec2Errors.translate("CreateSnapshot", volume, e);
      }
    }
  }

  private static String deviceOn(Volume volume, String instance) {
    return volume.attachments().stream()
        .filter(a -> a.instanceId().equals(instance))
        .map(a -> a.device())
        .findFirst()
        .orElse("no device");
  }
}
