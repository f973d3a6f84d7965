package io.stillpoint.sandbox.demo;

/** The story cannot go on; the message says at which point and why. */
final class DemoException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  DemoException(String message) {
    super(message);
  }
}
