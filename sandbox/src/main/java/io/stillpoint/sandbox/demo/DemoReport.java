package io.stillpoint.sandbox.demo;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;

/**
 * The demo's outcome; its JSON form is a published shape.
 *
 * @param result IDENTICAL or DIFFERENT
 * @param consistentPoint "T,I"
 * @param workerKilled identity of the worker that was killed with -9 in the middle of the copy
 * @param server version of the servers that ran, marked if they are simulated
 */
@JsonPropertyOrder({
  "result",
  "backup",
  "consistentPoint",
  "documentsExpected",
  "documentsRestored",
  "workerKilled",
  "cursorsAdopted",
  "cursorWindowMillis",
  "restoreMillis",
  "server"
})
public record DemoReport(
    String result,
    String backup,
    String consistentPoint,
    long documentsExpected,
    long documentsRestored,
    String workerKilled,
    int cursorsAdopted,
    long cursorWindowMillis,
    long restoreMillis,
    String server) {

  public static final String IDENTICAL = "IDENTICAL";
  public static final String DIFFERENT = "DIFFERENT";

  public boolean identical() {
    return IDENTICAL.equals(result);
  }
}
