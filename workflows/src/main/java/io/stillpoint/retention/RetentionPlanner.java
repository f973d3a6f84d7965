package io.stillpoint.retention;

import io.stillpoint.model.CatalogEntry;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.IsoFields;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;

/**
 * Decides which backups of one cluster are kept. A function of its arguments alone: the order of
 * the backups does not matter, deciding again about what was kept keeps all of it, and the newest
 * good backup and one that a restore uses are kept by every policy.
 */
public final class RetentionPlanner {

  private static final Comparator<CatalogEntry> NEWEST_FIRST =
      Comparator.comparingLong(CatalogEntry::at)
          .reversed()
          .thenComparing(CatalogEntry::backup, Comparator.reverseOrder());

  private final RetentionPolicy policy;
  private final Instant now;
  private final Map<String, List<String>> kept = new LinkedHashMap<>();

  private RetentionPlanner(RetentionPolicy policy, Instant now) {
    this.policy = policy;
    this.now = now;
  }

  /**
   * @return a decision on each backup, newest first
   */
  public static List<RetentionDecision> plan(
      RetentionPolicy policy, Collection<CatalogEntry> backups, Instant now) {
    return new RetentionPlanner(policy, now).plan(backups.stream().sorted(NEWEST_FIRST).toList());
  }

  private List<RetentionDecision> plan(List<CatalogEntry> sorted) {
    if (policy.isEmpty()) {
      return sorted.stream().map(e -> keep(e, List.of("no retention is configured"))).toList();
    }
    List<CatalogEntry> good =
        sorted.stream().filter(e -> e.state() == CatalogEntry.State.GOOD).toList();
    keepLast(good);
    keepNewestOfEach(good, "daily", policy.keepDaily(), LocalDate::toString);
    keepNewestOfEach(good, "weekly", policy.keepWeekly(), RetentionPlanner::week);
    keepNewestOfEach(good, "monthly", policy.keepMonthly(), d -> d.toString().substring(0, 7));
    keepNewestOfEach(good, "yearly", policy.keepYearly(), d -> String.valueOf(d.getYear()));
    sorted.forEach(this::keepByItself);
    if (!good.isEmpty() && !kept.containsKey(good.get(0).backup())) {
      keepBecause(good.get(0), "the newest good backup");
    }
    OptionalLong oldest =
        good.stream().filter(e -> kept.containsKey(e.backup())).mapToLong(CatalogEntry::at).min();
    return sorted.stream().map(e -> decide(e, oldest)).toList();
  }

  private void keepLast(List<CatalogEntry> good) {
    for (int i = 0; i < Math.min(policy.keepLast(), good.size()); i++) {
      keepBecause(good.get(i), "last %d of %d".formatted(i + 1, policy.keepLast()));
    }
  }

  private void keepNewestOfEach(
      List<CatalogEntry> good, String rule, int count, Function<LocalDate, String> period) {
    Set<String> seen = new HashSet<>();
    for (CatalogEntry entry : good) {
      String name = period.apply(LocalDate.ofInstant(at(entry), ZoneOffset.UTC));
      if (seen.size() < count && seen.add(name)) {
        keepBecause(entry, rule + " " + name);
      }
    }
  }

  /** The reasons that do not depend on the other backups. */
  private void keepByItself(CatalogEntry entry) {
    if (entry.inUse()) {
      keepBecause(entry, "a restore uses it");
    }
    if (entry.state() == CatalogEntry.State.RUNNING) {
      keepBecause(entry, "it is running, or its operation was killed");
    }
    if (entry.state() == CatalogEntry.State.UNUSABLE) {
      keepBecause(entry, "its record cannot be used, so a person must look at it");
    }
    if (entry.state() != CatalogEntry.State.DELETING
        && policy.minimumAge().filter(age -> at(entry).isAfter(now.minus(age))).isPresent()) {
      keepBecause(entry, "younger than " + policy.minimumAge().get());
    }
  }

  private RetentionDecision decide(CatalogEntry entry, OptionalLong oldestKept) {
    List<String> reasons = kept.get(entry.backup());
    if (reasons != null) {
      return keep(entry, reasons);
    }
    return switch (entry.state()) {
      case DELETING -> delete(entry, "its deletion had begun");
      case FAILED ->
          // What failed among the backups that are kept explains the gaps between them.
          oldestKept.isPresent() && entry.at() < oldestKept.getAsLong()
              ? delete(entry, "it failed, before the oldest kept backup")
              : keep(entry, List.of("it failed, after the oldest kept backup"));
      default -> delete(entry, "no rule keeps it");
    };
  }

  private void keepBecause(CatalogEntry entry, String reason) {
    kept.computeIfAbsent(entry.backup(), b -> new ArrayList<>()).add(reason);
  }

  private static RetentionDecision keep(CatalogEntry entry, List<String> reasons) {
    return new RetentionDecision(entry, true, reasons);
  }

  private static RetentionDecision delete(CatalogEntry entry, String reason) {
    return new RetentionDecision(entry, false, List.of(reason));
  }

  private static Instant at(CatalogEntry entry) {
    return Instant.ofEpochSecond(entry.at());
  }

  private static String week(LocalDate day) {
    return "%d-W%02d"
        .formatted(day.get(IsoFields.WEEK_BASED_YEAR), day.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR));
  }
}
