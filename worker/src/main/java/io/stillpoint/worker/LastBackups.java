package io.stillpoint.worker;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micronaut.context.event.StartupEvent;
import io.micronaut.runtime.event.annotation.EventListener;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.CatalogEntry;
import io.stillpoint.model.CatalogEntry.State;
import io.stillpoint.worker.settings.Role;
import io.stillpoint.worker.settings.WorkerSettings;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The age of each cluster's last good backup, by its consistent point: the one number to be woken
 * for; and that of the last one that was begun, which tells a schedule that does not run from
 * backups that fail. NaN until the catalog could be read, and for a cluster that has none.
 */
@Singleton
final class LastBackups {
  private static final Logger log = LoggerFactory.getLogger(LastBackups.class);
  private static final long EVERY_SECONDS = 60;

  private final WorkerSettings settings;
  private final CatalogFactory.Catalog catalog;
  private final MeterRegistry registry;
  private final Clock clock = Clock.systemUTC();
  private final Map<String, Long> good = new ConcurrentHashMap<>();
  private final Map<String, Long> begun = new ConcurrentHashMap<>();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "last-backups");
            thread.setDaemon(true);
            return thread;
          });

  LastBackups(WorkerSettings settings, CatalogFactory.Catalog catalog, MeterRegistry registry) {
    this.settings = settings;
    this.catalog = catalog;
    this.registry = registry;
  }

  @EventListener
  void start(StartupEvent event) {
    if (!settings.has(Role.CONTROL)) {
      return;
    }
    for (String cluster : settings.clusters().keySet()) {
      gauge(
          "stillpoint.backup.last.good.age",
          "since the consistent point of the cluster's last good backup",
          cluster,
          good);
      gauge(
          "stillpoint.backup.last.begun.age",
          "since the cluster's last backup was begun, however it ended",
          cluster,
          begun);
    }
    timer.scheduleWithFixedDelay(this::look, 0, EVERY_SECONDS, TimeUnit.SECONDS);
  }

  private void gauge(String name, String what, String cluster, Map<String, Long> times) {
    Gauge.builder(name, () -> age(times.get(cluster)))
        .description(what)
        .baseUnit("seconds")
        .tag("cluster", cluster)
        .register(registry);
  }

  private double age(Long time) {
    return time == null ? Double.NaN : clock.instant().getEpochSecond() - time;
  }

  private void look() {
    for (String cluster : settings.clusters().keySet()) {
      try {
        List<CatalogEntry> entries = catalog.backups().entries(cluster);
        keepNewest(good, cluster, entries, EnumSet.of(State.GOOD));
        keepNewest(begun, cluster, entries, EnumSet.of(State.GOOD, State.RUNNING, State.FAILED));
      } catch (StillpointException e) {
        // The age goes on growing, which is what an alert should see.
        log.warn("the catalog's backups of {} cannot be listed: {}", cluster, e.text());
      }
    }
  }

  private static void keepNewest(
      Map<String, Long> times, String cluster, List<CatalogEntry> entries, Set<State> states) {
    entries.stream()
        .filter(entry -> states.contains(entry.state()))
        .mapToLong(CatalogEntry::at)
        .max()
        .ifPresentOrElse(at -> times.put(cluster, at), () -> times.remove(cluster));
  }

  @PreDestroy
  void stop() {
    timer.shutdownNow();
  }
}
