package io.stillpoint.cloud.aws;

import io.stillpoint.cloud.FoundSnapshot;
import io.stillpoint.cloud.Inscription;
import io.stillpoint.cloud.Pacer;
import io.stillpoint.cloud.Patience;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.SnapshotCopy;
import io.stillpoint.model.SnapshotRef;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.ec2.model.CopySnapshotRequest;
import software.amazon.awssdk.services.ec2.model.ResourceType;

/**
 * Copies of finished snapshots in another region. CopySnapshot has no client token either, so a
 * copy is found by the id of its source, and made if it is not. Two tries at once may make two;
 * both then take the older, and delete the other as soon as the older is complete.
 */
final class EbsCopies implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(EbsCopies.class);

  private final Ec2Access there;
  private final EbsSnapshots snapshots;
  private final EbsCopySettings settings;
  private final String sourceRegion;
  private final Patience patience;
  private final Duration lookFor;

  EbsCopies(Ec2Access there, EbsCopySettings copy, EbsSettings settings, Pacer pacer) {
    this.there = there;
    this.snapshots = new EbsSnapshots(there);
    this.settings = copy;
    this.sourceRegion = settings.region();
    this.patience = new Patience(pacer);
    this.lookFor = settings.lookFor();
  }

  String region() {
    return settings.region();
  }

  /** What a plan says of the copies. Errors: PROVIDER_DENIED if they may not be made. */
  String planned(String volume) {
    try {
      // No snapshot exists yet; where EC2 looks for one first, it cannot tell more.
      there
          .creating()
          .copySnapshot(
              request("snap-00000000000000000", Map.of("Name", "permission-check")).toBuilder()
                  .dryRun(true)
                  .build());
    } catch (SdkException e) {
      if (!Ec2Errors.codeOf(e).equals("DryRunOperation") && !Ec2Errors.isNotFound(e)) {
        throw Ec2Errors.translate("CopySnapshot", volume, e);
      }
    }
    return "its snapshot is copied to %s%s"
        .formatted(
            settings.region(),
            settings.kmsKey().isEmpty() ? "" : ", encrypted with " + settings.kmsKey());
  }

  /**
   * The copy of a finished snapshot; made if there is none.
   *
   * <p>Errors: SNAPSHOT_FAILED if it failed by itself (it is deleted then), PROVIDER_*.
   *
   * @param source the snapshot as it is described in its own region
   */
  FoundSnapshot findOrCreate(EbsSnapshots.Tagged source, Runnable alive) {
    String id = source.found().ref().id();
    List<FoundSnapshot> found = of(id);
    if (found.isEmpty()) {
      alive.run();
      create(source, alive);
      found = patience.find(lookFor, alive, () -> some(id)).orElseThrow(() -> late(id));
    }
    FoundSnapshot chosen = found.get(0);
    if (chosen.failed()) {
      found.forEach(copy -> snapshots.delete(copy.ref().id()));
      throw new StillpointException(
          ErrorCode.SNAPSHOT_FAILED,
          "copy %s of snapshot %s in %s failed: %s"
              .formatted(chosen.ref().id(), id, settings.region(), chosen.failure()),
          "look at the key's policy and the region; the snapshot itself is complete");
    }
    if (chosen.ref().ready()) {
      for (FoundSnapshot twin : found.subList(1, found.size())) {
        LOG.warn("deleting {}, a second copy of {}", twin.ref().id(), id);
        snapshots.delete(twin.ref().id());
      }
    }
    return chosen;
  }

  /** All copies that carry these facts. */
  List<FoundSnapshot> with(Map<String, String> facts) {
    return snapshots.with(facts).stream()
        .filter(tagged -> tagged.tags().containsKey(EbsTags.COPY_OF))
        .map(tagged -> tagged.found().at(settings.region()))
        .toList();
  }

  void delete(String id) {
    snapshots.delete(id);
  }

  /** Deletes every copy of a snapshot, recorded or not. */
  void deleteOf(String source) {
    of(source).forEach(copy -> snapshots.delete(copy.ref().id()));
  }

  void inscribe(SnapshotRef source, Inscription inscription) {
    for (SnapshotCopy copy : source.copies()) {
      if (copy.place().equals(settings.region())) {
        snapshots.inscribe(copy.id(), source, inscription);
      }
    }
  }

  private Optional<List<FoundSnapshot>> some(String source) {
    return Optional.of(of(source)).filter(found -> !found.isEmpty());
  }

  /** Those that may still become good come first, the oldest of them at the head. */
  private List<FoundSnapshot> of(String source) {
    return snapshots.with(Map.of(EbsTags.COPY_OF_FACT, source)).stream()
        .map(EbsSnapshots.Tagged::found)
        .sorted(
            Comparator.comparing(FoundSnapshot::failed)
                .thenComparing(FoundSnapshot::startedAt)
                .thenComparing(copy -> copy.ref().id()))
        .toList();
  }

  private void create(EbsSnapshots.Tagged source, Runnable alive) {
    String id = source.found().ref().id();
    Map<String, String> tags = new HashMap<>(source.tags());
    tags.keySet().removeIf(key -> key.startsWith("aws:") || EbsTags.isPiece(key));
    tags.put(EbsTags.COPY_OF, id);
    tags.put(EbsTags.VOLUME, source.found().ref().volume());
    try {
      String copy = there.creating().copySnapshot(request(id, tags)).snapshotId();
      LOG.info("copying {} to {} as {}", id, settings.region(), copy);
    } catch (SdkException e) {
      if (!Ec2Errors.outcomeUnknown(e)) {
        throw Ec2Errors.translate("CopySnapshot", id, e);
      }
      LOG.warn("the outcome of CopySnapshot for {} is unknown: {}", id, e.getMessage());
      patience
          .find(lookFor, alive, () -> some(id))
          .orElseThrow(() -> Ec2Errors.translate("CopySnapshot", id, e));
    }
  }

  private CopySnapshotRequest request(String source, Map<String, String> tags) {
    CopySnapshotRequest.Builder request =
        CopySnapshotRequest.builder()
            .sourceRegion(sourceRegion)
            .sourceSnapshotId(source)
            // Else the SDK reads it from the endpoint's name, which need not be Amazon's.
            .destinationRegion(settings.region())
            .description("Stillpoint copy of %s in %s".formatted(source, sourceRegion))
            .tagSpecifications(EbsTags.specification(ResourceType.SNAPSHOT, tags));
    if (!settings.kmsKey().isEmpty()) {
      request.encrypted(true).kmsKeyId(settings.kmsKey());
    }
    return request.build();
  }

  private StillpointException late(String source) {
    return new StillpointException(
        ErrorCode.PROVIDER_FAILED,
        "the copy of %s does not show in %s".formatted(source, settings.region()),
        "it is tried again; a second copy would be deleted");
  }

  /** The snapshots with those of their copies that are complete. */
  static List<SnapshotRef> recorded(
      List<SnapshotRef> asked, String region, Map<String, FoundSnapshot> copies) {
    List<SnapshotRef> now = new ArrayList<>();
    for (SnapshotRef ref : asked) {
      FoundSnapshot copy = copies.get(ref.id());
      now.add(
          copy != null && copy.ref().ready()
              ? ref.withCopies(List.of(new SnapshotCopy(region, copy.ref().id())))
              : ref);
    }
    return now;
  }

  @Override
  public void close() {
    there.close();
  }
}
