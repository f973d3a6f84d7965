package io.stillpoint.host;

import java.util.function.Supplier;

/** Says for a piece of work that it goes on, where the work itself cannot say so. */
public interface BeatGuard {

  /** No beats, for callers that nobody watches. */
  BeatGuard NONE =
      new BeatGuard() {
        @Override
        public <T> T during(Supplier<T> work) {
          return work.get();
        }
      };

  <T> T during(Supplier<T> work);
}
