package io.stillpoint.activities;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.Failures;
import io.stillpoint.error.StillpointException;
import io.temporal.common.interceptors.ActivityInboundCallsInterceptor;
import io.temporal.common.interceptors.ActivityInboundCallsInterceptorBase;
import io.temporal.common.interceptors.WorkerInterceptorBase;
import io.temporal.failure.ApplicationFailure;
import io.temporal.failure.TemporalException;

/**
 * The border between adapters and Temporal: a {@link StillpointException} becomes a failure of its
 * code's name, retryable if the code is; what Temporal itself throws passes; anything else is a
 * defect of ours, reported as INTERNAL and tried again within the activity's time limits.
 */
public final class ErrorMappingInterceptor extends WorkerInterceptorBase {

  @Override
  public ActivityInboundCallsInterceptor interceptActivity(ActivityInboundCallsInterceptor next) {
    return new ActivityInboundCallsInterceptorBase(next) {
      @Override
      public ActivityOutput execute(ActivityInput input) {
        try {
          return super.execute(input);
        } catch (StillpointException e) {
          throw Failures.of(e);
        } catch (TemporalException e) {
          throw e;
        } catch (RuntimeException e) {
          throw internal(e);
        }
      }
    };
  }

  private static ApplicationFailure internal(RuntimeException e) {
    return ApplicationFailure.newBuilder()
        .setType(ErrorCode.INTERNAL.name())
        .setMessage("unexpected %s in an activity".formatted(e))
        .setNonRetryable(false)
        .setCause(e)
        .build();
  }
}
