package io.stillpoint.activities;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.Failures;
import io.stillpoint.error.StillpointException;
import io.temporal.common.interceptors.ActivityInboundCallsInterceptor;
import io.temporal.common.interceptors.ActivityInboundCallsInterceptorBase;
import io.temporal.common.interceptors.WorkerInterceptorBase;
import io.temporal.failure.ApplicationFailure;
import io.temporal.failure.TemporalException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The border between adapters and Temporal: a {@link StillpointException} becomes a failure of its
 * code's name, retryable if the code is; what Temporal itself throws passes; anything else is a
 * defect of ours, reported as INTERNAL and tried again within the activity's time limits.
 */
public final class ErrorMappingInterceptor extends WorkerInterceptorBase {
  private static final Logger LOG = LoggerFactory.getLogger(ErrorMappingInterceptor.class);

  @Override
  public ActivityInboundCallsInterceptor interceptActivity(ActivityInboundCallsInterceptor next) {
    return new ActivityInboundCallsInterceptorBase(next) {
      @Override
      public ActivityOutput execute(ActivityInput input) {
        try {
          return super.execute(input);
        } catch (StillpointException e) {
          if (e.getCause() != null) {
            LOG.info("{}: {}", e.code(), e.getMessage(), e);
          }
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
    LOG.error("unexpected in an activity", e);
    return Failures.brief(ErrorCode.INTERNAL, "unexpected %s in an activity".formatted(e), false);
  }
}
