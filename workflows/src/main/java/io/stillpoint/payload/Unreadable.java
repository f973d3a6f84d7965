package io.stillpoint.payload;

/**
 * Stands for something that was sent to a workflow and is not JSON, so that the workflow can say
 * so.
 *
 * @param encoding as the sender called it; empty if it did not
 */
public record Unreadable(String encoding) {
  @Override
  public String toString() {
    return encoding.isEmpty()
        ? "data without an encoding"
        : "data of encoding '%s' that is not JSON".formatted(encoding);
  }
}
