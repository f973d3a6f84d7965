package io.stillpoint.cloud;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import java.time.Duration;
import java.time.Instant;

/** The time, and waiting for it to pass. */
public interface Pacer {

  Instant now();

  /**
   * @throws StillpointException PROVIDER_FAILED, which is tried again, if the thread is interrupted
   */
  void pause(Duration time);

  /** The machine's own clock. */
  static Pacer system() {
    return new Pacer() {
      @Override
      public Instant now() {
        return Instant.now();
      }

      @Override
      public void pause(Duration time) {
        try {
          Thread.sleep(time.toMillis());
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new StillpointException(
              ErrorCode.PROVIDER_FAILED, "the worker stopped while it waited for the cloud", "", e);
        }
      }
    };
  }
}
