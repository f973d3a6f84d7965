package io.stillpoint.cloud.aws;

import io.stillpoint.cloud.Digests;
import io.stillpoint.cloud.Pacer;
import io.stillpoint.cloud.Patience;
import io.stillpoint.cloud.SnapshotIdentity;
import io.stillpoint.cloud.VolumeRestorer;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.SnapshotRef;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.ec2.model.CreateVolumeRequest;
import software.amazon.awssdk.services.ec2.model.Filter;
import software.amazon.awssdk.services.ec2.model.ResourceType;
import software.amazon.awssdk.services.ec2.model.Tag;
import software.amazon.awssdk.services.ec2.model.Volume;
import software.amazon.awssdk.services.ec2.model.VolumeAttachment;
import software.amazon.awssdk.services.ec2.model.VolumeAttachmentState;
import software.amazon.awssdk.services.ec2.model.VolumeState;

/** EBS volumes from snapshots. CreateVolume has a client token, so it may be repeated. */
public final class EbsRestorer implements VolumeRestorer {

  /** The API's own default is the older gp2. */
  private static final String DEFAULT_TYPE = "gp3";

  private static final Logger LOG = LoggerFactory.getLogger(EbsRestorer.class);

  /** Of the others, what the API reports follows from their size and cannot be asked for. */
  private static final Set<String> ADJUSTABLE = Set.of("gp3", "io1", "io2");

  private static final Duration CREATING = Duration.ofMinutes(5);
  private static final Duration ATTACHING = Duration.ofSeconds(90);

  /** A token whose volume failed by itself is of no use for hours, so there are some more. */
  private static final int TOKENS = 3;

  private final Ec2Access ec2;
  private final EbsSnapshots snapshots;
  private final EbsVolumes volumes;
  private final Patience patience;

  public EbsRestorer(Ec2Access ec2, Pacer pacer) {
    this.ec2 = ec2;
    this.snapshots = new EbsSnapshots(ec2);
    this.volumes = new EbsVolumes(ec2);
    this.patience = new Patience(pacer);
  }

  @Override
  public String create(Request request, Runnable alive) {
    EbsSnapshots.Tagged snapshot = snapshots.restorable(request.backup(), request.snapshot());
    String volume =
        usableFor(request.restore(), request.member()).stream()
            .filter(v -> v.snapshotId().equals(snapshot.found().ref().id()))
            .map(Volume::volumeId)
            .findFirst()
            .orElseGet(() -> created(request, snapshot));
    patience
        .find(CREATING, alive, () -> usable(volume))
        .orElseThrow(
            () ->
                late(
                    "volume %s from %s was not created"
                        .formatted(volume, snapshot.found().ref().id())));
    return volume;
  }

  @Override
  public void attach(
      String restore, String volume, String instance, String device, Runnable alive) {
    Volume now = requireOf(restore, volume);
    Optional<VolumeAttachment> attachment = now.attachments().stream().findFirst();
    if (attachment.isEmpty()) {
      try {
        ec2.creating()
            .attachVolume(call -> call.volumeId(volume).instanceId(instance).device(device));
      } catch (SdkException e) {
        if (!Ec2Errors.outcomeUnknown(e) && !Ec2Errors.codeOf(e).equals("VolumeInUse")) {
          throw Ec2Errors.translate("AttachVolume", volume + " to " + instance, e);
        }
      }
    } else if (!attachment.get().instanceId().equals(instance)) {
      throw new StillpointException(
          ErrorCode.VOLUME_UNSUITABLE,
          "volume %s is attached to %s, not to %s"
              .formatted(volume, attachment.get().instanceId(), instance),
          "detach it there, then try again");
    }
    awaitState(
            volume,
            ATTACHING,
            alive,
            v ->
                v.attachments().stream()
                    .anyMatch(
                        a ->
                            a.instanceId().equals(instance)
                                && a.state() == VolumeAttachmentState.ATTACHED))
        .orElseThrow(() -> late("volume %s was not attached to %s".formatted(volume, instance)));
  }

  @Override
  public void detach(String volume, String instance, Runnable alive) {
    Optional<Volume> now = find(volume);
    if (now.isEmpty() || now.get().attachments().isEmpty()) {
      return;
    }
    try {
      ec2.creating().detachVolume(call -> call.volumeId(volume).instanceId(instance));
    } catch (SdkException e) {
      boolean detached = Ec2Errors.codeOf(e).equals("IncorrectState");
      if (!detached && !Ec2Errors.outcomeUnknown(e)) {
        throw Ec2Errors.translate("DetachVolume", volume + " from " + instance, e);
      }
    }
    awaitState(volume, ATTACHING, alive, v -> v.attachments().isEmpty())
        .orElseThrow(
            () ->
                new StillpointException(
                    ErrorCode.PROVIDER_FAILED,
                    "volume %s was not detached from %s within %d s"
                        .formatted(volume, instance, ATTACHING.toSeconds()),
                    "unmount it on the instance; it stays busy as long as it is mounted"));
  }

  @Override
  public List<String> made(String restore, String member, String zone) {
    return volumes.with(EbsTags.filters(Map.of("restore", restore, "for", member))).stream()
        .map(Volume::volumeId)
        .toList();
  }

  @Override
  public void delete(String restore, String volume) {
    if (find(volume).isEmpty()) {
      return;
    }
    requireOf(restore, volume);
    delete(volume);
  }

  @Override
  public void requireAllowed(String instance, String zone, String live) {
    Map<String, String> tags = Map.of(EbsTags.RESTORE, "permission-check");
    new EbsDryRuns(ec2)
        .creation(
            CreateVolumeRequest.builder()
                .availabilityZone(zone)
                .size(1)
                .volumeType(DEFAULT_TYPE)
                .tagSpecifications(EbsTags.specification(ResourceType.VOLUME, tags))
                .build())
        .exchange(live, instance)
        .requireNothingMissing(instance);
  }

  /** A role may be limited to deleting what a restore made, so a refusal of others says nothing. */
  @Override
  public List<String> requireAllowed(
      Request request, String instance, String live, boolean deletesLive) {
    EbsSnapshots.Tagged snapshot = snapshots.restorable(request.backup(), request.snapshot());
    EbsDryRuns runs = new EbsDryRuns(ec2).creation(creation(request, snapshot, 1));
    if (live.isEmpty()) {
      runs.requireNothingMissing(instance);
      return List.of("ec2:AttachVolume, ec2:DetachVolume and ec2:DeleteVolume cannot be checked");
    }
    runs.exchange(live, instance);
    boolean own =
        find(live).filter(v -> EbsTags.map(v.tags()).containsKey(EbsTags.RESTORE)).isPresent();
    if (deletesLive || own) {
      runs.deletion(live);
    }
    runs.requireNothingMissing(instance);
    return deletesLive || own || runs.mayDelete(live)
        ? List.of()
        : List.of("ec2:DeleteVolume can only be checked on a volume that a restore made");
  }

  @Override
  public Optional<String> keyOf(String backup, SnapshotRef snapshot) {
    return snapshots.restorable(backup, snapshot).key();
  }

  @Override
  public Optional<String> keyOf(String volume) {
    Volume found = find(volume).orElseThrow(() -> noSuch(volume));
    return EbsSnapshots.key(found.encrypted(), found.kmsKeyId());
  }

  @Override
  public String id(String name, String zone) {
    return name;
  }

  @Override
  public Shape shapeOf(String volume) {
    Volume found = find(volume).orElseThrow(() -> noSuch(volume));
    boolean adjustable = ADJUSTABLE.contains(found.volumeTypeAsString());
    return new Shape(
        found.availabilityZone(),
        found.volumeTypeAsString(),
        found.size(),
        adjustable && found.iops() != null ? found.iops() : 0,
        adjustable && found.throughput() != null ? found.throughput() : 0,
        Boolean.TRUE.equals(found.encrypted()) && found.kmsKeyId() != null ? found.kmsKeyId() : "");
  }

  @Override
  public void dispose(String volume) {
    delete(volume);
  }

  /** Without the permission the volume stays for a person to judge; the restore is over. */
  @Override
  public void markReplaced(String volume) {
    boolean own =
        find(volume).filter(v -> EbsTags.map(v.tags()).containsKey(EbsTags.RESTORE)).isPresent();
    if (!own) {
      return;
    }
    try {
      Tag replaced = Tag.builder().key(EbsTags.REPLACED).value("true").build();
      ec2.reading().createTags(r -> r.resources(volume).tags(replaced));
    } catch (SdkException e) {
      if (!Ec2Errors.isDenied(e)) {
        throw Ec2Errors.translate("CreateTags", volume, e);
      }
      LOG.warn("{} cannot be marked as replaced: {}", volume, e.getMessage());
    }
  }

  private void delete(String volume) {
    try {
      ec2.reading().deleteVolume(call -> call.volumeId(volume));
    } catch (SdkException e) {
      if (!Ec2Errors.isNotFound(e)) {
        throw Ec2Errors.translate("DeleteVolume", volume, e);
      }
    }
  }

  private List<Volume> usableFor(String restore, String member) {
    return volumes.with(EbsTags.filters(Map.of("restore", restore, "for", member))).stream()
        .filter(v -> v.state() != VolumeState.ERROR && v.state() != VolumeState.DELETING)
        .toList();
  }

  private String created(Request request, EbsSnapshots.Tagged snapshot) {
    SdkException last = null;
    for (int i = 1; i <= TOKENS; i++) {
      try {
        return ec2.reading().createVolume(creation(request, snapshot, i)).volumeId();
      } catch (SdkException e) {
        if (!Ec2Errors.codeOf(e).equals("IdempotentParameterMismatch")) {
          throw Ec2Errors.translate("CreateVolume", snapshot.found().ref().id(), e);
        }
        last = e;
      }
    }
    throw Ec2Errors.translate("CreateVolume", snapshot.found().ref().id(), last);
  }

  private static CreateVolumeRequest creation(
      Request request, EbsSnapshots.Tagged snapshot, int token) {
    SnapshotIdentity identity = snapshot.found().identity();
    Map<String, String> tags = new LinkedHashMap<>();
    tags.put(EbsTags.RESTORE, request.restore());
    tags.put(EbsTags.PREFIX + "for", request.member());
    tags.put(EbsTags.PREFIX + "backup", request.backup());
    tags.put(EbsTags.PREFIX + "cluster", identity.cluster());
    tags.put(EbsTags.USE, request.use());
    tags.put("Name", request.restore() + "/" + request.member());
    Shape shape = request.shape();
    CreateVolumeRequest.Builder creation =
        CreateVolumeRequest.builder()
            .snapshotId(snapshot.found().ref().id())
            .availabilityZone(shape.zone())
            .volumeType(shape.type().isEmpty() ? DEFAULT_TYPE : shape.type())
            .clientToken(token(request, identity, token))
            .tagSpecifications(EbsTags.specification(ResourceType.VOLUME, tags));
    if (shape.sizeGib() > 0) {
      creation.size(Math.max(shape.sizeGib(), snapshot.volumeGib()));
    }
    if (shape.iops() > 0) {
      creation.iops(shape.iops());
    }
    if (shape.throughput() > 0) {
      creation.throughput(shape.throughput());
    }
    if (!shape.kmsKey().isEmpty()) {
      creation.encrypted(true).kmsKeyId(shape.kmsKey());
    }
    return creation.build();
  }

  /** At most 64 characters. */
  private static String token(Request request, SnapshotIdentity identity, int number) {
    return Digests.sha256(
            request.restore() + "/" + request.member() + "/" + identity.digest() + "/" + number)
        .substring(0, 60);
  }

  private Optional<Volume> usable(String volume) {
    Optional<Volume> now = find(volume);
    if (now.isPresent() && now.get().state() == VolumeState.ERROR) {
      throw new StillpointException(
          ErrorCode.SNAPSHOT_FAILED,
          "volume %s failed while it was created".formatted(volume),
          "see the volume in the EC2 console; a missing KMS grant is the usual reason");
    }
    return now.filter(v -> v.state() == VolumeState.AVAILABLE || v.state() == VolumeState.IN_USE);
  }

  private Optional<Volume> awaitState(
      String volume, Duration limit, Runnable alive, Predicate<Volume> state) {
    return patience.find(limit, alive, () -> find(volume).filter(state));
  }

  private Optional<Volume> find(String volume) {
    // A filter, unlike an id, is not refused while a new volume is not visible yet.
    Filter byId = Filter.builder().name("volume-id").values(volume).build();
    return volumes.with(List.of(byId)).stream().findFirst();
  }

  private Volume requireOf(String restore, String volume) {
    Volume found = find(volume).orElseThrow(() -> noSuch(volume));
    String owner = EbsTags.map(found.tags()).getOrDefault(EbsTags.RESTORE, "nobody");
    if (!owner.equals(restore)) {
      throw new StillpointException(
          ErrorCode.VOLUME_UNSUITABLE,
          "volume %s was made for %s, not for restore %s".formatted(volume, owner, restore),
          "nothing was changed; a restore works on its own volumes only");
    }
    return found;
  }

  private static StillpointException noSuch(String volume) {
    return new StillpointException(
        ErrorCode.VOLUME_UNSUITABLE,
        "volume %s does not exist".formatted(volume),
        "start the restore again under a new name");
  }

  private static StillpointException late(String what) {
    return new StillpointException(
        ErrorCode.PROVIDER_FAILED,
        what + " in time",
        "it is tried again; look at the volume in the EC2 console");
  }
}
