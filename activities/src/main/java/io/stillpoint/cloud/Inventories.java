package io.stillpoint.cloud;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What the snapshots of an inventory have to do with one another. */
public final class Inventories {

  private Inventories() {}

  public static Map<String, List<FoundSnapshot>> byBackup(Collection<FoundSnapshot> all) {
    return all.stream()
        .collect(
            Collectors.groupingBy(s -> s.identity().backup(), TreeMap::new, Collectors.toList()));
  }
}
