package io.stillpoint.command;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What the program is asked: the fields that its verb needs, given as JSON on its standard input
 * and, but for {@code tags}, as variables, {@code dataPath} as STILLPOINT_DATA_PATH.
 */
record CommandCall(String verb, String member, Map<String, Object> fields) {

  /** Of this protocol. */
  static final int VERSION = 1;

  CommandCall {
    fields = Map.copyOf(fields);
  }

  static CommandCall of(String verb, String member) {
    return new CommandCall(verb, member, Map.of())
        .with("version", VERSION)
        .with("verb", verb)
        .with("member", member);
  }

  CommandCall with(String name, Object value) {
    Map<String, Object> more = new LinkedHashMap<>(fields);
    more.put(name, value);
    return new CommandCall(verb, member, more);
  }

  String text(String name) {
    return String.valueOf(fields.get(name));
  }

  /** Lists as one value on each line. */
  Map<String, String> variables() {
    Map<String, String> variables = new TreeMap<>();
    fields.forEach(
        (name, value) -> {
          if (value instanceof List<?> list) {
            variables.put(
                variable(name),
                list.stream().map(String::valueOf).collect(Collectors.joining("\n")));
          } else if (!(value instanceof Map)) {
            variables.put(variable(name), value.toString());
          }
        });
    return variables;
  }

  private static String variable(String name) {
    return "STILLPOINT_" + name.replaceAll("([A-Z])", "_$1").toUpperCase(Locale.ROOT);
  }
}
