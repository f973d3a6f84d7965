package io.stillpoint.check;

import java.util.List;

/** Everything that was examined, in the order in which a backup and a restore would need it. */
public record CheckReport(String cluster, boolean ok, List<CheckItem> items) {
  public CheckReport {
    items = List.copyOf(items);
  }

  static CheckReport of(String cluster, List<CheckItem> items) {
    return new CheckReport(cluster, items.stream().allMatch(CheckItem::ok), items);
  }
}
