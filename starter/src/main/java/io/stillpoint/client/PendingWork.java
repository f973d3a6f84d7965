package io.stillpoint.client;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What an operation's workers do at this moment.
 *
 * @param copies the copies that run now, in the order of the replica sets or members
 * @param keepers workers that keep cursors alive, each with how many
 * @param retrying activities that failed and are tried again: name, attempt and why, one line each
 */
public record PendingWork(
    List<CopyProgress> copies, Map<String, Long> keepers, List<String> retrying) {
  public PendingWork {
    copies = List.copyOf(copies);
    keepers = Collections.unmodifiableMap(new TreeMap<>(keepers));
    retrying = List.copyOf(retrying);
  }
}
