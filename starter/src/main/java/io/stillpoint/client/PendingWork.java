package io.stillpoint.client;

import java.util.List;

/**
 * What an operation's workers do at this moment.
 *
 * @param copies the copies that run now, in the order of the replica sets or members
 * @param retrying activities that failed and are tried again: name, attempt and why, one line each
 */
public record PendingWork(List<CopyProgress> copies, List<String> retrying) {
  public PendingWork {
    copies = List.copyOf(copies);
    retrying = List.copyOf(retrying);
  }
}
