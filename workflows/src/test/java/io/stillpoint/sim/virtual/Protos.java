package io.stillpoint.sim.virtual;

import com.google.protobuf.util.Timestamps;
import java.time.Duration;

/** Times as the protocol has them. */
final class Protos {

  private Protos() {}

  static Duration duration(com.google.protobuf.Duration proto) {
    return Duration.ofSeconds(proto.getSeconds(), proto.getNanos());
  }

  static com.google.protobuf.Duration duration(Duration duration) {
    return com.google.protobuf.Duration.newBuilder()
        .setSeconds(duration.getSeconds())
        .setNanos(duration.getNano())
        .build();
  }

  static com.google.protobuf.Timestamp time(long millis) {
    return Timestamps.fromMillis(millis);
  }
}
