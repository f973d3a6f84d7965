package io.stillpoint.worker;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micronaut.context.event.StartupEvent;
import io.micronaut.runtime.event.annotation.EventListener;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.CatalogEntry;
import io.stillpoint.worker.settings.Role;
import io.stillpoint.worker.settings.WorkerSettings;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The age of each cluster's last good backup, by its consistent point: the one number to be woken
 * for. NaN until the catalog could be read, and for a cluster that has none.
 */
@Singleton
final class LastGoodBackups {
  private static final Logger log = LoggerFactory.getLogger(LastGoodBackups.class);
  private static final long EVERY_SECONDS = 60;

  private final WorkerSettings settings;
  private final CatalogFactory.Catalog catalog;
  private final MeterRegistry registry;
  private final Clock clock = Clock.systemUTC();
  private final Map<String, Long> points = new ConcurrentHashMap<>();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "last-good-backups");
            thread.setDaemon(true);
            return thread;
          });

  LastGoodBackups(WorkerSettings settings, CatalogFactory.Catalog catalog, MeterRegistry registry) {
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
      Gauge.builder("stillpoint.backup.last.good.age", () -> age(cluster))
          .description("since the consistent point of the cluster's last good backup")
          .baseUnit("seconds")
          .tag("cluster", cluster)
          .register(registry);
    }
    timer.scheduleWithFixedDelay(this::look, 0, EVERY_SECONDS, TimeUnit.SECONDS);
  }

  private double age(String cluster) {
    Long point = points.get(cluster);
    return point == null ? Double.NaN : clock.instant().getEpochSecond() - point;
  }

  private void look() {
    for (String cluster : settings.clusters().keySet()) {
      try {
        catalog.backups().entries(cluster).stream()
            .filter(entry -> entry.state() == CatalogEntry.State.GOOD)
            .mapToLong(CatalogEntry::at)
            .max()
            .ifPresentOrElse(at -> points.put(cluster, at), () -> points.remove(cluster));
      } catch (StillpointException e) {
        // The age goes on growing, which is what an alert should see.
        log.warn("the catalog's backups of {} cannot be listed: {}", cluster, e.text());
      }
    }
  }

  @PreDestroy
  void stop() {
    timer.shutdownNow();
  }
}
