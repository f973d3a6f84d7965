package io.stillpoint.retention;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillpoint.model.CatalogEntry;
import io.stillpoint.model.CatalogEntry.State;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class RetentionPlannerTest {

  private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");
  private static final RetentionPolicy USUAL =
      new RetentionPolicy(3, 7, 4, 12, 2, Optional.of(Duration.ofDays(2)));

  private static CatalogEntry entry(String name, State state, Instant at) {
    return new CatalogEntry(name, state, at.getEpochSecond(), 100, false);
  }

  private static RetentionPolicy last(int count) {
    return new RetentionPolicy(count, 0, 0, 0, 0, Optional.empty());
  }

  @Test
  void shouldKeepAYearOfDailyBackupsAsTheRulesSay() {
    List<CatalogEntry> year = new ArrayList<>();
    for (int day = 0; day < 365; day++) {
      Instant at = NOW.minus(Duration.ofDays(day)).minus(Duration.ofHours(8));
      year.add(entry("shop-" + at.toString().substring(0, 10), State.GOOD, at));
    }

    List<RetentionDecision> plan = RetentionPlanner.plan(USUAL, year, NOW);

    assertThat(plan.stream().filter(RetentionDecision::keep))
        .extracting(d -> d.entry().backup() + ": " + String.join(", ", d.reasons()))
        .containsExactly(
            "shop-2026-11-22: last 1 of 3, daily 2026-11-22, weekly 2026-W47, monthly 2026-11,"
                + " yearly 2026, younger than PT48H",
            "shop-2026-11-21: last 2 of 3, daily 2026-11-21, younger than PT48H",
            "shop-2026-11-20: last 3 of 3, daily 2026-11-20",
            "shop-2026-11-19: daily 2026-11-19",
            "shop-2026-11-18: daily 2026-11-18",
            "shop-2026-11-17: daily 2026-11-17",
            "shop-2026-11-16: daily 2026-11-16",
            "shop-2026-11-15: weekly 2026-W46",
            "shop-2026-11-08: weekly 2026-W45",
            "shop-2026-11-01: weekly 2026-W44",
            "shop-2026-10-31: monthly 2026-10",
            "shop-2026-09-30: monthly 2026-09",
            "shop-2026-08-31: monthly 2026-08",
            "shop-2026-07-31: monthly 2026-07",
            "shop-2026-06-30: monthly 2026-06",
            "shop-2026-05-31: monthly 2026-05",
            "shop-2026-04-30: monthly 2026-04",
            "shop-2026-03-31: monthly 2026-03",
            "shop-2026-02-28: monthly 2026-02",
            "shop-2026-01-31: monthly 2026-01",
            "shop-2025-12-31: monthly 2025-12, yearly 2025");
  }

  @Test
  void shouldTellTheWeekOfTheNewYearByIso() {
    Instant newYear = Instant.parse("2027-01-01T01:00:00Z");
    RetentionPolicy weekly = new RetentionPolicy(0, 0, 1, 0, 0, Optional.empty());

    assertThat(
            RetentionPlanner.plan(weekly, List.of(entry("b", State.GOOD, newYear)), NOW)
                .get(0)
                .reasons())
        .containsExactly("weekly 2026-W53");
  }

  @Test
  void shouldExplainWhatIsNotGood() {
    List<CatalogEntry> backups =
        List.of(
            entry("running", State.RUNNING, NOW.minusSeconds(10)),
            entry("good", State.GOOD, NOW.minusSeconds(500)),
            entry("late-failure", State.FAILED, NOW.minusSeconds(400)),
            entry("early-failure", State.FAILED, NOW.minusSeconds(900)),
            entry("half", State.DELETING, NOW.minusSeconds(800)),
            entry("broken", State.UNUSABLE, NOW.minusSeconds(950)));

    assertThat(RetentionPlanner.plan(last(1), backups, NOW))
        .extracting(d -> d.entry().backup(), RetentionDecision::keep)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("running", true),
            org.assertj.core.groups.Tuple.tuple("late-failure", true),
            org.assertj.core.groups.Tuple.tuple("good", true),
            org.assertj.core.groups.Tuple.tuple("half", false),
            org.assertj.core.groups.Tuple.tuple("early-failure", false),
            org.assertj.core.groups.Tuple.tuple("broken", true));
  }

  @Test
  void shouldDeleteNothingWithoutARule() {
    List<CatalogEntry> backups =
        List.of(entry("a", State.GOOD, NOW), entry("b", State.DELETING, NOW));

    assertThat(RetentionPlanner.plan(RetentionPolicy.NONE, backups, NOW))
        .allMatch(RetentionDecision::keep);
  }

  @Property
  void shouldNeverDeleteTheNewestGoodBackupOrWhatIsUsed(
      @ForAll("policies") RetentionPolicy policy, @ForAll("catalogs") List<CatalogEntry> backups) {
    Set<String> kept = kept(policy, backups);

    backups.stream()
        .filter(e -> e.state() == State.GOOD)
        .mapToLong(CatalogEntry::at)
        .max()
        .ifPresent(
            newest ->
                assertThat(backups)
                    .as("one of the newest is kept")
                    .anyMatch(
                        e ->
                            e.at() == newest
                                && e.state() == State.GOOD
                                && kept.contains(e.backup())));
    assertThat(kept).containsAll(names(backups, e -> e.inUse() || e.state() == State.RUNNING));
  }

  @Property
  void shouldKeepAllOfWhatItKept(
      @ForAll("policies") RetentionPolicy policy, @ForAll("catalogs") List<CatalogEntry> backups) {
    Set<String> kept = kept(policy, backups);
    List<CatalogEntry> left = backups.stream().filter(e -> kept.contains(e.backup())).toList();

    assertThat(kept(policy, left)).isEqualTo(kept);
  }

  @Property
  void shouldNotDependOnTheOrder(
      @ForAll("policies") RetentionPolicy policy,
      @ForAll("catalogs") List<CatalogEntry> backups,
      @ForAll java.util.Random random) {
    List<CatalogEntry> shuffled = new ArrayList<>(backups);
    java.util.Collections.shuffle(shuffled, random);

    assertThat(RetentionPlanner.plan(policy, shuffled, NOW))
        .isEqualTo(RetentionPlanner.plan(policy, backups, NOW));
  }

  @Property
  void shouldKeepMoreWithALargerPolicy(
      @ForAll("rules") RetentionPolicy policy,
      @ForAll("policies") RetentionPolicy more,
      @ForAll("catalogs") List<CatalogEntry> backups) {
    RetentionPolicy larger =
        new RetentionPolicy(
            policy.keepLast() + more.keepLast(),
            policy.keepDaily() + more.keepDaily(),
            policy.keepWeekly() + more.keepWeekly(),
            policy.keepMonthly() + more.keepMonthly(),
            policy.keepYearly() + more.keepYearly(),
            Optional.of(
                policy
                    .minimumAge()
                    .orElse(Duration.ZERO)
                    .plus(more.minimumAge().orElse(Duration.ZERO))));

    assertThat(kept(larger, backups)).containsAll(kept(policy, backups));
  }

  /** Pruning early loses nothing that pruning late would have kept. */
  @Property
  void shouldNotWantBackWhatItDeletedBeforeANewBackup(
      @ForAll("policies") RetentionPolicy policy, @ForAll("catalogs") List<CatalogEntry> backups) {
    long newest = backups.stream().mapToLong(CatalogEntry::at).max().orElse(0);
    List<CatalogEntry> later = new ArrayList<>(backups);
    later.add(new CatalogEntry("zz-new", State.GOOD, newest + 3600, 1, false));
    Set<String> wanted = kept(policy, later);
    wanted.remove("zz-new");

    assertThat(kept(policy, backups)).containsAll(wanted);
  }

  private static Set<String> kept(RetentionPolicy policy, List<CatalogEntry> backups) {
    return RetentionPlanner.plan(policy, backups, NOW).stream()
        .filter(RetentionDecision::keep)
        .map(d -> d.entry().backup())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> names(
      List<CatalogEntry> backups, java.util.function.Predicate<CatalogEntry> which) {
    return backups.stream()
        .filter(which)
        .map(CatalogEntry::backup)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Provide
  Arbitrary<RetentionPolicy> rules() {
    return policies().filter(p -> !p.isEmpty());
  }

  @Provide
  Arbitrary<RetentionPolicy> policies() {
    Arbitrary<Integer> count = Arbitraries.integers().between(0, 6);
    return Combinators.combine(
            count,
            count,
            count,
            count,
            count,
            Arbitraries.integers().between(1, 60).map(Duration::ofDays).optional())
        .as(RetentionPolicy::new);
  }

  @Provide
  Arbitrary<List<CatalogEntry>> catalogs() {
    Arbitrary<CatalogEntry> entry =
        Combinators.combine(
                Arbitraries.strings().alpha().ofMinLength(1).ofMaxLength(3),
                Arbitraries.frequencyOf(
                    net.jqwik.api.Tuple.of(5, Arbitraries.just(State.GOOD)),
                    net.jqwik.api.Tuple.of(2, Arbitraries.of(State.values()))),
                Arbitraries.integers().between(0, 24 * 800),
                Arbitraries.frequency(
                    net.jqwik.api.Tuple.of(9, false), net.jqwik.api.Tuple.of(1, true)))
            .as(
                (name, state, hours, inUse) ->
                    new CatalogEntry(
                        name,
                        state,
                        NOW.minus(Duration.ofHours(hours)).getEpochSecond(),
                        100,
                        inUse));
    return entry.list().ofMaxSize(60).uniqueElements(CatalogEntry::backup);
  }
}
