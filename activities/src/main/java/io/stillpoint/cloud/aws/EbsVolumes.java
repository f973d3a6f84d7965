package io.stillpoint.cloud.aws;

import io.stillpoint.cloud.VolumePlacement;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.ec2.model.Filter;
import software.amazon.awssdk.services.ec2.model.Instance;
import software.amazon.awssdk.services.ec2.model.InstanceBlockDeviceMapping;
import software.amazon.awssdk.services.ec2.model.Volume;
import software.amazon.awssdk.services.ec2.model.VolumeAttachment;

/** Looks at volumes and the instances that they are attached to. */
final class EbsVolumes {

  private final Ec2Access ec2;

  /**
   * What is attached to one instance.
   *
   * @param rootVolume the volume that it boots from; empty if the API names none
   * @param zone where the instance is; empty if the API does not say
   * @param byDevice the volumes' ids by the names that they were attached as
   */
  record Attached(String rootVolume, String zone, Map<String, String> byDevice) {

    Set<String> volumes() {
      return Set.copyOf(byDevice.values());
    }

    List<String> dataVolumesBut(Collection<String> kept) {
      return volumes().stream()
          .filter(v -> !kept.contains(v) && !v.equals(rootVolume))
          .sorted()
          .toList();
    }
  }

  EbsVolumes(Ec2Access ec2) {
    this.ec2 = ec2;
  }

  /** Errors: VOLUME_UNSUITABLE if there is no such instance. */
  Attached attachedTo(String instanceId) {
    try {
      Instance instance =
          ec2.reading().describeInstances(r -> r.instanceIds(instanceId)).reservations().stream()
              .flatMap(reservation -> reservation.instances().stream())
              .findFirst()
              .orElseThrow(
                  () ->
                      new StillpointException(
                          ErrorCode.VOLUME_UNSUITABLE,
                          "instance %s is not in this region".formatted(instanceId),
                          "correct instance and region in the worker's configuration"));
      String root =
          instance.blockDeviceMappings().stream()
              .filter(m -> m.deviceName().equals(instance.rootDeviceName()))
              .map(m -> m.ebs().volumeId())
              .findFirst()
              .orElse("");
      String zone =
          instance.placement() == null || instance.placement().availabilityZone() == null
              ? ""
              : instance.placement().availabilityZone();
      return new Attached(
          root,
          zone,
          instance.blockDeviceMappings().stream()
              .collect(
                  Collectors.toMap(
                      InstanceBlockDeviceMapping::deviceName, m -> m.ebs().volumeId())));
    } catch (SdkException e) {
      throw Ec2Errors.translate("DescribeInstances", instanceId, e);
    }
  }

  /**
   * The volumes as the API describes them, after checking that they are where the configuration
   * says.
   */
  List<Volume> check(List<VolumePlacement> placements) {
    Map<String, Volume> found =
        describe(placements.stream().map(VolumePlacement::volume).toList()).stream()
            .collect(Collectors.toMap(Volume::volumeId, Function.identity()));
    placements.forEach(placement -> check(placement, found.get(placement.volume())));
    return placements.stream().map(p -> found.get(p.volume())).toList();
  }

  List<Volume> describe(List<String> ids) {
    try {
      return ec2.reading().describeVolumes(r -> r.volumeIds(ids)).volumes();
    } catch (SdkException e) {
      throw Ec2Errors.translate("DescribeVolumes", ids.toString(), e);
    }
  }

  List<Volume> with(List<Filter> filters) {
    try {
      return ec2
          .reading()
          .describeVolumesPaginator(r -> r.filters(filters).maxResults(500))
          .volumes()
          .stream()
          .toList();
    } catch (SdkException e) {
      throw Ec2Errors.translate("DescribeVolumes", "the volumes of restores", e);
    }
  }

  /** Volumes on an instance that restores made for a member. */
  List<String> restoredFor(String member, String instance) {
    List<Filter> filters = new ArrayList<>(EbsTags.filters(Map.of("for", member)));
    filters.add(Filter.builder().name("attachment.instance-id").values(instance).build());
    return with(filters).stream().map(Volume::volumeId).toList();
  }

  private static void check(VolumePlacement placement, Volume volume) {
    List<String> instances =
        volume.attachments().stream().map(VolumeAttachment::instanceId).toList();
    if (!instances.contains(placement.instance())) {
      throw new StillpointException(
          ErrorCode.VOLUME_UNSUITABLE,
          "volume %s of member %s is attached to %s, not to %s"
              .formatted(
                  placement.volume(),
                  placement.member(),
                  instances.isEmpty() ? "no instance" : instances,
                  placement.instance()),
          "correct instance and volume in the worker's configuration");
    }
    if (!placement.zone().isEmpty() && !placement.zone().equals(volume.availabilityZone())) {
      throw new StillpointException(
          ErrorCode.VOLUME_UNSUITABLE,
          "volume %s is in zone %s, not in %s"
              .formatted(placement.volume(), volume.availabilityZone(), placement.zone()),
          "correct the zone in the worker's configuration");
    }
  }
}
