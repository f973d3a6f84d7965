package io.stillpoint.command;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * The program, from the agent's own configuration; nothing of it ever comes from a request.
 *
 * @param program its path and first arguments; the verb is appended
 * @param limit how long {@code cut} and {@code restore} may take
 * @param environment the program's environment besides PATH, HOME, LANG, TZ and the request's own
 */
public record CommandSettings(
    List<String> program, Duration limit, Map<String, String> environment) {
  public CommandSettings {
    program = List.copyOf(program);
    environment = Map.copyOf(environment);
  }
}
