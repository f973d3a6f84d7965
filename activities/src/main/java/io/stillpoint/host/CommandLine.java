package io.stillpoint.host;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * A server's arguments. mongod takes no positional ones, so whatever follows an option and does not
 * begin with a dash is its value.
 */
record CommandLine(List<Argument> arguments) {

  /**
   * @param name without dashes
   */
  record Argument(String name, Optional<String> value) {

    List<String> words() {
      String dashes = name.length() == 1 || name.matches("v+") ? "-" : "--";
      List<String> words = new ArrayList<>(List.of(dashes + name));
      value.ifPresent(words::add);
      return words;
    }
  }

  CommandLine {
    arguments = List.copyOf(arguments);
  }

  static CommandLine parse(List<String> words) {
    List<Argument> arguments = new ArrayList<>();
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      if (!word.startsWith("-")) {
        continue;
      }
      String name = word.replaceFirst("^-{1,2}", "");
      int equals = name.indexOf('=');
      if (equals > 0) {
        arguments.add(
            new Argument(name.substring(0, equals), Optional.of(name.substring(equals + 1))));
      } else if (i + 1 < words.size() && !words.get(i + 1).startsWith("-")) {
        arguments.add(new Argument(name, Optional.of(words.get(++i))));
      } else {
        arguments.add(new Argument(name, Optional.empty()));
      }
    }
    return new CommandLine(arguments);
  }

  /** The last value counts, as it does for the server. */
  Optional<String> value(String... names) {
    List<String> wanted = List.of(names);
    return arguments.stream()
        .filter(a -> wanted.contains(a.name()))
        .reduce((first, second) -> second)
        .flatMap(Argument::value);
  }

  boolean has(String name) {
    return arguments.stream().anyMatch(a -> a.name().equals(name));
  }

  CommandLine keep(Predicate<Argument> which) {
    return new CommandLine(arguments.stream().filter(which).toList());
  }

  List<String> words() {
    return arguments.stream().flatMap(a -> a.words().stream()).toList();
  }
}
