package io.stillpoint.worker.settings;

import java.nio.file.Path;

/** Where the catalog is; the same place for every worker and agent. */
public sealed interface CatalogPlace {

  /** A directory that all of them see. */
  record Directory(Path path) implements CatalogPlace {}

  /**
   * A MongoDB database.
   *
   * @param uri connection string; a secret, so it never appears in {@link #toString()}
   */
  record Mongo(String uri) implements CatalogPlace {
    @Override
    public String toString() {
      return "Mongo[]";
    }
  }
}
