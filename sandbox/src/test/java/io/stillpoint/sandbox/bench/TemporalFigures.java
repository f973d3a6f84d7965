package io.stillpoint.sandbox.bench;

import io.stillpoint.sandbox.temporal.DevServer;
import java.nio.file.Path;
import java.util.Optional;

/** Figures that need a Temporal server as a process; skipped with a line where there is none. */
interface TemporalFigures extends Figures {

  @Override
  default void take(Scene scene, Summary summary) throws Exception {
    Optional<Path> program = DevServer.installed();
    if (program.isPresent()) {
      take(scene, summary, program.get());
    } else {
      summary.skip(name(), "no program 'temporal' on the PATH or in ~/go/bin");
    }
  }

  /**
   * @param temporal the program to start servers of
   */
  void take(Scene scene, Summary summary, Path temporal) throws Exception;
}
