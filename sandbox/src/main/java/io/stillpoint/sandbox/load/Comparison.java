package io.stillpoint.sandbox.load;

import java.util.List;

/**
 * Expected documents against those found.
 *
 * @param expected number of documents that have to be there
 * @param restored number of documents found
 * @param missing expected but not found
 * @param unexpected found but not expected
 * @param different found with other content
 * @param examples a few of each kind, for people
 */
public record Comparison(
    long expected,
    long restored,
    long missing,
    long unexpected,
    long different,
    List<String> examples) {

  public boolean identical() {
    return missing == 0 && unexpected == 0 && different == 0;
  }
}
