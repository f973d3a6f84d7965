package io.stillpoint.worker;

import io.micronaut.context.annotation.Bean;
import io.micronaut.context.annotation.Factory;
import io.stillpoint.catalog.BackupCatalog;
import io.stillpoint.catalog.DirectoryCatalog;
import io.stillpoint.catalog.FileLists;
import io.stillpoint.catalog.MongoCatalog;
import io.stillpoint.worker.settings.CatalogPlace;
import io.stillpoint.worker.settings.WorkerSettings;
import jakarta.inject.Singleton;
import java.time.Clock;

/** The catalog that the configuration names. */
@Factory
final class CatalogFactory {

  /**
   * @param closing ends its connections
   */
  record Catalog(BackupCatalog backups, FileLists lists, Runnable closing)
      implements AutoCloseable {
    @Override
    public void close() {
      closing.run();
    }
  }

  @Singleton
  @Bean(preDestroy = "close")
  Catalog catalog(WorkerSettings settings) {
    if (settings.catalog() instanceof CatalogPlace.Mongo mongo) {
      MongoCatalog catalog = MongoCatalog.open(mongo.uri(), Clock.systemUTC());
      return new Catalog(catalog, catalog.fileLists(), catalog::close);
    }
    CatalogPlace.Directory place = (CatalogPlace.Directory) settings.catalog();
    DirectoryCatalog catalog = new DirectoryCatalog(place.path(), Clock.systemUTC());
    return new Catalog(catalog, catalog.fileLists(), () -> {});
  }
}
