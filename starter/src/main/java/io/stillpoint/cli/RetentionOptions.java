package io.stillpoint.cli;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.retention.RetentionPolicy;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The rules of retention on the command line. */
final class RetentionOptions {
  @Option(names = "--keep-last", paramLabel = "N", description = "Keep the newest N.")
  private Optional<Integer> last = Optional.empty();

  @Option(
      names = "--keep-daily",
      paramLabel = "N",
      description = "Keep the newest of each of the last N days (UTC) that have a backup.")
  private Optional<Integer> daily = Optional.empty();

  @Option(names = "--keep-weekly", paramLabel = "N", description = "The same for weeks (ISO).")
  private Optional<Integer> weekly = Optional.empty();

  @Option(names = "--keep-monthly", paramLabel = "N", description = "The same for months.")
  private Optional<Integer> monthly = Optional.empty();

  @Option(names = "--keep-yearly", paramLabel = "N", description = "The same for years.")
  private Optional<Integer> yearly = Optional.empty();

  @Option(
      names = "--minimum-age",
      paramLabel = "TIME",
      converter = Durations.class,
      description = "Keep everything younger than this, such as 7d.")
  private Optional<Duration> minimumAge = Optional.empty();

  /**
   * Empty if none was given: then the workers' configuration counts. A rule that keeps nothing is
   * refused, because it would be taken for one that was not given.
   */
  Optional<RetentionPolicy> policy() {
    RetentionPolicy policy =
        new RetentionPolicy(
            count("last", last),
            count("daily", daily),
            count("weekly", weekly),
            count("monthly", monthly),
            count("yearly", yearly),
            minimumAge);
    return policy.isEmpty() ? Optional.empty() : Optional.of(policy);
  }

  private static int count(String rule, Optional<Integer> given) {
    if (given.filter(n -> n < 1).isPresent()) {
      throw new StillpointException(
          ErrorCode.BAD_INPUT,
          "--keep-%s is %d, but must be 1 or more".formatted(rule, given.get()),
          "leave it out to keep nothing by this rule");
    }
    return given.orElse(0);
  }
}
