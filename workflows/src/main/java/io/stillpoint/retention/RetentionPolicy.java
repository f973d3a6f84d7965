package io.stillpoint.retention;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which completed backups of a cluster are kept. A backup is kept if any rule asks for it; the
 * newest one is always kept. Days, weeks (ISO), months and years are those of UTC, and only the
 * ones that have a backup count.
 *
 * @param keepLast the newest so many
 * @param keepDaily the newest of each of the last so many days
 * @param keepWeekly the newest of each of the last so many weeks
 * @param keepMonthly the newest of each of the last so many months
 * @param keepYearly the newest of each of the last so many years
 * @param minimumAge everything younger than this, by the consistent point
 */
public record RetentionPolicy(
    int keepLast,
    int keepDaily,
    int keepWeekly,
    int keepMonthly,
    int keepYearly,
    Optional<Duration> minimumAge) {

  /** Asks for nothing to be deleted: retention is off. */
  public static final RetentionPolicy NONE = new RetentionPolicy(0, 0, 0, 0, 0, Optional.empty());

  public RetentionPolicy {
    minimumAge = minimumAge == null ? Optional.empty() : minimumAge;
    for (int count : new int[] {keepLast, keepDaily, keepWeekly, keepMonthly, keepYearly}) {
      if (count < 0) {
        throw negative(String.valueOf(count));
      }
    }
    if (minimumAge.filter(Duration::isNegative).isPresent()) {
      throw negative(String.valueOf(minimumAge.get()));
    }
  }

  private static StillpointException negative(String value) {
    return new StillpointException(
        ErrorCode.BAD_INPUT,
        "a retention rule is %s, but must not be negative".formatted(value),
        "use 0 to leave a rule out");
  }

  /** Whether it has no rule at all; such a policy deletes nothing. */
  @JsonIgnore
  public boolean isEmpty() {
    return equals(NONE);
  }

  /** As people read it: {@code last 7, daily 14, not younger than PT168H}. */
  public String words() {
    List<String> rules = new ArrayList<>();
    add(rules, "last", keepLast);
    add(rules, "daily", keepDaily);
    add(rules, "weekly", keepWeekly);
    add(rules, "monthly", keepMonthly);
    add(rules, "yearly", keepYearly);
    minimumAge.ifPresent(age -> rules.add("everything younger than " + age));
    return rules.isEmpty() ? "no rule" : String.join(", ", rules);
  }

  private static void add(List<String> rules, String rule, int count) {
    if (count > 0) {
      rules.add(rule + " " + count);
    }
  }
}
