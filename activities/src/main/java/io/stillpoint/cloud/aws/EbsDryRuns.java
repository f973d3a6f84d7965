package io.stillpoint.cloud.aws;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import java.util.ArrayList;
import java.util.List;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.ec2.model.CreateVolumeRequest;

/** Asks EC2, by its own dry runs, for everything that a restore needs; nothing comes of them. */
final class EbsDryRuns {

  private final Ec2Access ec2;
  private final List<String> missing = new ArrayList<>();

  EbsDryRuns(Ec2Access ec2) {
    this.ec2 = ec2;
  }

  /** Tags are put on by the same call, so this stands for the right to tag, too. */
  EbsDryRuns creation(CreateVolumeRequest request) {
    String subject = request.snapshotId() == null ? "a volume" : request.snapshotId();
    CreateVolumeRequest dry = request.toBuilder().dryRun(true).build();
    require("CreateVolume", subject, () -> ec2.creating().createVolume(dry));
    return this;
  }

  EbsDryRuns exchange(String volume, String instance) {
    require(
        "AttachVolume",
        instance,
        () ->
            ec2.creating()
                .attachVolume(
                    call ->
                        call.dryRun(true)
                            .volumeId(volume)
                            .instanceId(instance)
                            .device("/dev/sdz")));
    require(
        "DetachVolume",
        instance,
        () ->
            ec2.creating()
                .detachVolume(call -> call.dryRun(true).volumeId(volume).instanceId(instance)));
    return this;
  }

  EbsDryRuns deletion(String volume) {
    if (!mayDelete(volume)) {
      missing.add("ec2:DeleteVolume");
    }
    return this;
  }

  boolean mayDelete(String volume) {
    return allowed(
        "DeleteVolume",
        volume,
        () -> ec2.creating().deleteVolume(call -> call.dryRun(true).volumeId(volume)));
  }

  /**
   * @throws StillpointException PROVIDER_DENIED naming every call that was not allowed
   */
  void requireNothingMissing(String instance) {
    if (!missing.isEmpty()) {
      throw new StillpointException(
          ErrorCode.PROVIDER_DENIED,
          "the node agent's role may not call %s for a restore on %s"
              .formatted(String.join(", ", missing), instance),
          "allow it, with ec2:CreateTags for what is created; see docs/cloud-ebs.md");
    }
  }

  private void require(String action, String subject, Runnable call) {
    if (!allowed(action, subject, call)) {
      missing.add("ec2:" + action);
    }
  }

  private static boolean allowed(String action, String subject, Runnable call) {
    try {
      call.run();
      throw new IllegalStateException("EC2 took a dry run of " + action + " for a call");
    } catch (SdkException e) {
      if (Ec2Errors.isDenied(e)) {
        return false;
      }
      if (!Ec2Errors.codeOf(e).equals("DryRunOperation")) {
        throw Ec2Errors.translate(action, subject, e);
      }
      return true;
    }
  }
}
