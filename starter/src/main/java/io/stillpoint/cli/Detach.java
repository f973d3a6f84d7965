package io.stillpoint.cli;

/**
 * Ctrl-C while an operation is watched leaves it running and says how to come back. The JVM then
 * exits with 130 by itself.
 */
final class Detach {
  private Detach() {}

  static void during(Printer printer, String name, Runnable body) {
    onInterrupt(
        () -> {
          printer.progress("");
          printer.progress("detached: %s goes on without this command".formatted(name));
          printer.progress("watch it:   stillpoint watch " + name);
          printer.progress("cancel it:  stillpoint cancel " + name);
        },
        body);
  }

  /** Runs the body; {@code action} runs only if the process is interrupted meanwhile. */
  static void onInterrupt(Runnable action, Runnable body) {
    Thread hook = new Thread(action, "interrupted");
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      body.run();
    } finally {
      remove(hook);
    }
  }

  private static void remove(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is ending: the hook runs now, which is its purpose.
      return;
    }
  }
}
