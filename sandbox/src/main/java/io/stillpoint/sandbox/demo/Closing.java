package io.stillpoint.sandbox.demo;

import java.util.ArrayDeque;
import java.util.Deque;

/** Closes what was opened, newest first, once, whoever asks: the end of the demo or Ctrl-C. */
final class Closing implements AutoCloseable {

  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private boolean closed;

  synchronized <T extends AutoCloseable> T add(T resource) {
    if (closed) {
      closeQuietly(resource);
      throw new DemoException("the demo is being ended");
    }
    open.push(resource);
    return resource;
  }

  @Override
  public synchronized void close() {
    closed = true;
    while (!open.isEmpty()) {
      closeQuietly(open.pop());
    }
  }

  /** One that cannot be closed must not keep the others open. */
  private static void closeQuietly(AutoCloseable resource) {
    try {
      resource.close();
    } catch (Exception e) {
      System.err.println("could not close " + resource + ": " + e);
    }
  }
}
