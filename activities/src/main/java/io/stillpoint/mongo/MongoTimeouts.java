package io.stillpoint.mongo;

import java.time.Duration;

/**
 * How long an ordinary command may take before the server counts as unreachable.
 *
 * @param connect for the TCP connection and for finding the server at all
 * @param read for a reply on an open connection
 */
public record MongoTimeouts(Duration connect, Duration read) {

  public static final MongoTimeouts DEFAULT =
      new MongoTimeouts(Duration.ofSeconds(5), Duration.ofSeconds(10));
}
