package io.stillpoint.cloud.gcp;

import com.google.api.client.http.HttpResponseException;
import com.google.api.gax.rpc.ApiException;
import com.google.api.gax.rpc.StatusCode.Code;
import com.google.cloud.compute.v1.Errors;
import com.google.cloud.compute.v1.Operation;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import java.util.Set;

/** Says in our codes what Compute or its client library reported. */
final class GceErrors {

  /** Reasons and operation errors that pass with time. */
  private static final Set<String> LIMITS =
      Set.of(
          "rateLimitExceeded",
          "userRateLimitExceeded",
          "concurrentOperationsQuotaExceeded",
          "resourceNotReady",
          "resourceInUseByAnotherResource",
          "operationRateExceeded",
          "RESOURCE_OPERATION_RATE_EXCEEDED",
          "RATE_LIMIT_EXCEEDED",
          "RESOURCE_NOT_READY",
          "ZONE_RESOURCE_POOL_EXHAUSTED");

  private GceErrors() {}

  static boolean isNotFound(ApiException e) {
    return codeOf(e) == Code.NOT_FOUND;
  }

  /** The client library reports HTTP 409 as ABORTED (measured with 1.98.0). */
  static boolean existsAlready(ApiException e) {
    return codeOf(e) == Code.ABORTED || codeOf(e) == Code.ALREADY_EXISTS;
  }

  /** True if the call may have had its effect although it failed. */
  static boolean outcomeUnknown(ApiException e) {
    return switch (codeOf(e)) {
      case UNAVAILABLE, DEADLINE_EXCEEDED, INTERNAL, UNKNOWN, CANCELLED -> true;
      default -> false;
    };
  }

  /**
   * @param permission what the call needs
   * @param subject what it was about
   */
  static StillpointException translate(String permission, String subject, ApiException e) {
    String what = "%s on %s failed: %s".formatted(permission, subject, describe(e));
    // HTTP 403 stands for a missing permission and for a rate limit alike; only the body tells.
    boolean limit = LIMITS.stream().anyMatch(reason -> bodyOf(e).contains('"' + reason + '"'));
    if (limit || codeOf(e) == Code.RESOURCE_EXHAUSTED) {
      return new StillpointException(
          ErrorCode.PROVIDER_LIMIT, what, "nothing was made; it is tried again later", e);
    }
    return switch (codeOf(e)) {
      case PERMISSION_DENIED, UNAUTHENTICATED ->
          new StillpointException(
              ErrorCode.PROVIDER_DENIED,
              what,
              "grant %s to the worker's service account; see docs/cloud-gce.md"
                  .formatted(permission),
              e);
      case NOT_FOUND ->
          new StillpointException(
              ErrorCode.VOLUME_UNSUITABLE,
              what,
              "correct project, zone, instance and disk in the worker's configuration",
              e);
      case INVALID_ARGUMENT, FAILED_PRECONDITION, OUT_OF_RANGE, ABORTED, ALREADY_EXISTS ->
          new StillpointException(ErrorCode.SNAPSHOT_FAILED, what, "", e);
      default ->
          new StillpointException(
              ErrorCode.PROVIDER_FAILED, what, "it is tried again; check the way to the API", e);
    };
  }

  /** Throws if the operation has failed; says nothing of one that still runs. */
  static void requireNoError(Operation operation, String subject) {
    if (!operation.hasError()) {
      return;
    }
    for (Errors error : operation.getError().getErrorsList()) {
      boolean limit = LIMITS.contains(error.getCode());
      throw new StillpointException(
          limit ? ErrorCode.PROVIDER_LIMIT : ErrorCode.SNAPSHOT_FAILED,
          "Compute's operation on %s failed: %s (%s)"
              .formatted(subject, error.getCode(), error.getMessage()),
          limit ? "nothing was made; it is tried again later" : "");
    }
  }

  private static Code codeOf(ApiException e) {
    return e.getStatusCode().getCode();
  }

  private static String bodyOf(ApiException e) {
    return e.getCause() instanceof HttpResponseException http
        ? String.valueOf(http.getContent())
        : "";
  }

  private static String describe(ApiException e) {
    return "%s (%s)".formatted(codeOf(e), e.getMessage());
  }
}
