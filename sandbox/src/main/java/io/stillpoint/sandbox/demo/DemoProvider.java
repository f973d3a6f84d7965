package io.stillpoint.sandbox.demo;

import io.stillpoint.cli.CliContext;
import io.stillpoint.cli.CommandProvider;

/** Brings {@code stillpoint demo} into the command line. */
public final class DemoProvider implements CommandProvider {

  @Override
  public Object command(CliContext context) {
    return new DemoCommand(context);
  }
}
