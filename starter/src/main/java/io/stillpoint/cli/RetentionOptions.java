package io.stillpoint.cli;

import io.stillpoint.retention.RetentionPolicy;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The rules of retention on the command line. */
final class RetentionOptions {
  @Option(names = "--keep-last", paramLabel = "N", description = "Keep the newest N.")
  private int last;

  @Option(
      names = "--keep-daily",
      paramLabel = "N",
      description = "Keep the newest of each of the last N days (UTC) that have a backup.")
  private int daily;

  @Option(names = "--keep-weekly", paramLabel = "N", description = "The same for weeks (ISO).")
  private int weekly;

  @Option(names = "--keep-monthly", paramLabel = "N", description = "The same for months.")
  private int monthly;

  @Option(names = "--keep-yearly", paramLabel = "N", description = "The same for years.")
  private int yearly;

  @Option(
      names = "--minimum-age",
      paramLabel = "TIME",
      converter = Durations.class,
      description = "Keep everything younger than this, such as 7d.")
  private Optional<Duration> minimumAge = Optional.empty();

  /** Empty if none was given: then the workers' configuration counts. */
  Optional<RetentionPolicy> policy() {
    RetentionPolicy policy = new RetentionPolicy(last, daily, weekly, monthly, yearly, minimumAge);
    return policy.isEmpty() ? Optional.empty() : Optional.of(policy);
  }
}
