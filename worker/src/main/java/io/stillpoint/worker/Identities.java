package io.stillpoint.worker;

import io.stillpoint.worker.settings.Role;
import io.stillpoint.worker.settings.WorkerSettings;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.stream.Collectors;

/** The names under which Temporal shows this process. */
final class Identities {
  private Identities() {}

  /** {@code control@db1:4711}, unless the configuration says otherwise. */
  static String process(WorkerSettings settings) {
    return settings
        .identity()
        .orElseGet(
            () ->
                settings.roles().stream()
                        .sorted()
                        .map(Role::name)
                        .map(r -> r.toLowerCase(Locale.ROOT))
                        .collect(Collectors.joining("+"))
                    + "@"
                    + host()
                    + ":"
                    + ManagementFactory.getRuntimeMXBean().getPid());
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      // A host that cannot resolve its own name still has a useful process id.
      return "unknown-host";
    }
  }
}
