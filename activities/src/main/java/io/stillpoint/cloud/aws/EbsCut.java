package io.stillpoint.cloud.aws;

import io.stillpoint.activity.SnapshotActivities.CutRequest;
import io.stillpoint.cloud.FoundSnapshot;
import io.stillpoint.cloud.Pacer;
import io.stillpoint.cloud.Patience;
import io.stillpoint.cloud.RateGate;
import io.stillpoint.cloud.SnapshotIdentity;
import io.stillpoint.cloud.VolumePlacement;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.SnapshotRef;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.ec2.model.InstanceSpecification;
import software.amazon.awssdk.services.ec2.model.ResourceType;
import software.amazon.awssdk.services.ec2.model.SnapshotInfo;
import software.amazon.awssdk.services.ec2.model.TagSpecification;

/**
 * Cuts one member's volumes. EC2 has no token that would make CreateSnapshot repeatable, so: look
 * for what an earlier try made under the same cursor, create once, and after an unknown outcome
 * look again for a bounded time. Two tries at once may still make two; both are good, since both
 * were cut under the same cursor, and {@link EbsProvider#poll} deletes the one that nobody
 * recorded.
 */
final class EbsCut {

  private static final Logger LOG = LoggerFactory.getLogger(EbsCut.class);

  private final Ec2Access ec2;
  private final EbsSnapshots snapshots;
  private final EbsVolumes volumes;
  private final RateGate gate;
  private final Patience patience;
  private final Duration lookFor;

  EbsCut(
      Ec2Access ec2,
      EbsSnapshots snapshots,
      EbsVolumes volumes,
      EbsSettings settings,
      Pacer pacer) {
    this.ec2 = ec2;
    this.snapshots = snapshots;
    this.volumes = volumes;
    this.gate = new RateGate(pacer, settings.perVolume(), settings.altogether());
    this.patience = new Patience(pacer);
    this.lookFor = settings.lookFor();
  }

  /** EBS fixes a snapshot's content when it accepts the request; so this returns then. */
  List<SnapshotRef> cut(CutRequest request, List<VolumePlacement> placements, Runnable alive) {
    Map<String, SnapshotIdentity> wanted = new TreeMap<>();
    placements.forEach(p -> wanted.put(p.volume(), SnapshotIdentity.of(request, p)));
    Optional<List<SnapshotRef>> earlier = adoptable(wanted);
    if (earlier.isPresent()) {
      LOG.info("adopting the snapshots {} that an earlier try made", earlier.get());
      return earlier.get();
    }
    gate.pass(wanted.keySet(), alive);
    alive.run();
    String instance = placements.get(0).instance();
    try {
      return wanted.size() == 1
          ? List.of(createOne(request, wanted.values().iterator().next()))
          : createSet(request, instance, wanted);
    } catch (SdkException e) {
      String action = wanted.size() == 1 ? "CreateSnapshot" : "CreateSnapshots";
      if (!Ec2Errors.outcomeUnknown(e)) {
        throw Ec2Errors.translate(action, wanted.keySet().toString(), e);
      }
      LOG.warn("the outcome of {} for {} is unknown: {}", action, wanted.keySet(), e.getMessage());
      return patience
          .find(lookFor, alive, () -> adoptable(wanted))
          .orElseThrow(() -> Ec2Errors.translate(action, wanted.keySet().toString(), e));
    }
  }

  /** Snapshots of every wanted volume that one call made under this very cursor; oldest first. */
  private Optional<List<SnapshotRef>> adoptable(Map<String, SnapshotIdentity> wanted) {
    SnapshotIdentity any = wanted.values().iterator().next();
    Map<String, List<FoundSnapshot>> byCall =
        snapshots.with(EbsTags.shared(any)).stream()
            .filter(tagged -> !tagged.found().failed())
            .filter(tagged -> wanted.containsKey(tagged.found().ref().volume()))
            .collect(
                Collectors.groupingBy(
                    EbsSnapshots.Tagged::call,
                    Collectors.mapping(EbsSnapshots.Tagged::found, Collectors.toList())));
    return byCall.values().stream()
        .filter(call -> wanted.keySet().equals(volumesOf(call)))
        .min(Comparator.comparing(EbsCut::startOf).thenComparing(call -> call.get(0).ref().id()))
        .map(call -> call.stream().map(FoundSnapshot::ref).toList());
  }

  private SnapshotRef createOne(CutRequest request, SnapshotIdentity identity) {
    var response =
        ec2.creating()
            .createSnapshot(
                call ->
                    call.volumeId(identity.volume())
                        .description(description(identity))
                        .tagSpecifications(specification(request, List.of(identity))));
    return EbsSnapshots.ref(identity, response.snapshotId(), 0, false);
  }

  /**
   * The API cuts all volumes of an instance but those that are excluded, so a volume that was
   * attached a moment ago comes along: it is deleted again. Its tags are the same for every volume.
   */
  private List<SnapshotRef> createSet(
      CutRequest request, String instance, Map<String, SnapshotIdentity> wanted) {
    EbsVolumes.Attached attached = volumes.attachedTo(instance);
    SnapshotIdentity any = wanted.values().iterator().next();
    List<SnapshotInfo> made =
        ec2.creating()
            .createSnapshots(
                call ->
                    call.description(description(any))
                        .instanceSpecification(
                            InstanceSpecification.builder()
                                .instanceId(instance)
                                .excludeBootVolume(!wanted.containsKey(attached.rootVolume()))
                                .excludeDataVolumeIds(attached.dataVolumesBut(wanted.keySet()))
                                .build())
                        .tagSpecifications(specification(request, wanted.values())))
            .snapshots();
    List<SnapshotRef> refs = new ArrayList<>();
    for (SnapshotInfo snapshot : made) {
      SnapshotIdentity identity = wanted.get(snapshot.volumeId());
      if (identity == null) {
        LOG.warn("deleting {} of {}, which is not the member's", snapshot, snapshot.volumeId());
        snapshots.delete(snapshot.snapshotId());
      } else {
        refs.add(EbsSnapshots.ref(identity, snapshot.snapshotId(), 0, false));
      }
    }
    if (refs.size() != wanted.size()) {
      refs.forEach(ref -> snapshots.delete(ref.id()));
      throw new StillpointException(
          ErrorCode.VOLUME_UNSUITABLE,
          "of the volumes %s only %s were attached to %s and cut"
              .formatted(
                  wanted.keySet(), refs.stream().map(SnapshotRef::volume).toList(), instance),
          "correct instance and volumes in the worker's configuration");
    }
    return refs;
  }

  private static TagSpecification specification(
      CutRequest request, Collection<SnapshotIdentity> call) {
    Map<String, String> tags = EbsTags.of(call);
    tags.put(EbsTags.CALL, UUID.randomUUID().toString());
    tags.put("Name", "%s/%s".formatted(request.backup(), request.cursor().set()));
    EbsTags.addOwn(tags, request.tags());
    return EbsTags.specification(ResourceType.SNAPSHOT, tags);
  }

  private static String description(SnapshotIdentity identity) {
    return "Stillpoint backup %s, set %s, member %s, consistent point %s"
        .formatted(identity.backup(), identity.set(), identity.member(), identity.point());
  }

  private static Set<String> volumesOf(List<FoundSnapshot> call) {
    return call.stream().map(s -> s.ref().volume()).collect(Collectors.toSet());
  }

  private static Instant startOf(List<FoundSnapshot> call) {
    return call.stream().map(FoundSnapshot::startedAt).min(Comparator.naturalOrder()).orElseThrow();
  }
}
