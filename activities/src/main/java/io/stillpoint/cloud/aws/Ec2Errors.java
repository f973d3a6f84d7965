package io.stillpoint.cloud.aws;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import java.util.Set;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;

/** Says in our codes what EC2 or the SDK reported. */
final class Ec2Errors {

  /**
   * Refusals that pass with time. The two per volume are not in the SDK's own list of throttling
   * codes (measured with 2.57.8).
   */
  private static final Set<String> LIMITS =
      Set.of(
          "SnapshotCreationPerVolumeRateExceeded",
          "ConcurrentSnapshotLimitExceeded",
          "RequestLimitExceeded",
          "Throttling",
          "ThrottlingException",
          "RequestThrottled",
          "ResourceLimitExceeded",
          "InsufficientVolumeCapacity");

  /** Refusals that only a person can lift. */
  private static final Set<String> QUOTAS =
      Set.of(
          "SnapshotLimitExceeded",
          "VolumeLimitExceeded",
          "MaxIOPSLimitExceeded",
          "AttachmentLimitExceeded",
          "TagLimitExceeded",
          "VolumeInUse",
          "IncorrectState",
          "IncorrectInstanceState",
          "InvalidVolume.ZoneMismatch");

  private static final Set<String> DENIED =
      Set.of(
          "UnauthorizedOperation",
          "AccessDenied",
          "AuthFailure",
          "InvalidClientTokenId",
          "SignatureDoesNotMatch",
          "ExpiredToken",
          "RequestExpired",
          "OptInRequired");

  private Ec2Errors() {}

  static String codeOf(SdkException e) {
    return e instanceof AwsServiceException service
            && service.awsErrorDetails() != null
            && service.awsErrorDetails().errorCode() != null
        ? service.awsErrorDetails().errorCode()
        : "";
  }

  /** The thing named by the call does not exist (any more). */
  static boolean isNotFound(SdkException e) {
    return codeOf(e).endsWith(".NotFound") || codeOf(e).endsWith(".Malformed");
  }

  /** The caller is known and lacks the permission. */
  static boolean isDenied(SdkException e) {
    return codeOf(e).equals("UnauthorizedOperation") || codeOf(e).equals("AccessDenied");
  }

  /** True if the call may have had its effect although it failed. */
  static boolean outcomeUnknown(SdkException e) {
    return !(e instanceof AwsServiceException service)
        || (service.statusCode() >= 500 && !LIMITS.contains(codeOf(e)));
  }

  /**
   * @param action the API's name for the call, which is also that of its permission
   * @param subject what it was about
   */
  static StillpointException translate(String action, String subject, SdkException e) {
    String code = codeOf(e);
    String what = "%s for %s failed: %s".formatted(action, subject, describe(e));
    if (rejectsCredentials(e)) {
      return new StillpointException(
          ErrorCode.PROVIDER_DENIED,
          what,
          "correct the credentials of the worker: environment, profile or instance role",
          e);
    }
    if (DENIED.contains(code)) {
      return new StillpointException(
          ErrorCode.PROVIDER_DENIED,
          what,
          "allow ec2:%s (with ec2:CreateTags if it creates) to the worker's role; see docs/cloud-ebs.md"
              .formatted(action),
          e);
    }
    if (LIMITS.contains(code)) {
      return new StillpointException(
          ErrorCode.PROVIDER_LIMIT, what, "nothing was made; it is tried again later", e);
    }
    if (QUOTAS.contains(code)) {
      return new StillpointException(
          ErrorCode.VOLUME_UNSUITABLE,
          what,
          "look at the volume and the account's quotas, then try again",
          e);
    }
    if (code.equals("SnapshotLocked")) {
      return new StillpointException(
          ErrorCode.PROVIDER_DENIED, what, "the lock ends by itself; delete it afterwards", e);
    }
    if (isNotFound(e)) {
      return new StillpointException(
          ErrorCode.VOLUME_UNSUITABLE,
          what,
          "correct instance and volume in the worker's configuration",
          e);
    }
    if (e instanceof AwsServiceException service && service.statusCode() < 500) {
      return new StillpointException(ErrorCode.SNAPSHOT_FAILED, what, "", e);
    }
    return new StillpointException(
        ErrorCode.PROVIDER_FAILED, what, "it is tried again; check the way to the API", e);
  }

  /**
   * None are there, or EC2 does not know them: HTTP 401, whose body the SDK's plain client does not
   * get to read (measured with 2.57.8), so there may be no code.
   */
  private static boolean rejectsCredentials(SdkException e) {
    return e instanceof AwsServiceException service
        ? service.statusCode() == 401
        : String.valueOf(e.getMessage()).contains("Unable to load credentials");
  }

  private static String describe(SdkException e) {
    if (codeOf(e).isEmpty()) {
      return e instanceof AwsServiceException service
          ? "HTTP %d".formatted(service.statusCode())
          : String.valueOf(e.getMessage());
    }
    return "%s (%s)"
        .formatted(codeOf(e), ((AwsServiceException) e).awsErrorDetails().errorMessage());
  }
}
