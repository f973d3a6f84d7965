package io.stillpoint.cli;

/**
 * Adds a command to {@code stillpoint}; found by {@link java.util.ServiceLoader}. How other modules
 * bring theirs without this one knowing them.
 */
public interface CommandProvider {
  /**
   * An object annotated with {@link picocli.CommandLine.Command} that implements {@code Runnable}
   * or {@code Callable<Integer>}; a thrown {@link io.stillpoint.error.StillpointException} is
   * printed with its hint and becomes its exit code.
   */
  Object command(CliContext context);
}
