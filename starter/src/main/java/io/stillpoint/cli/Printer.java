package io.stillpoint.cli;

import io.stillpoint.error.StillpointException;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes data to stdout and everything else to stderr, as text or as JSON. */
final class Printer {
  private final PrintStream out;
  private final PrintStream err;
  private final OutputFormat format;

  Printer(CliContext context, OutputFormat format) {
    this.out = context.out();
    this.err = context.err();
    this.format = format;
  }

  boolean isJson() {
    return format == OutputFormat.json;
  }

  /** The one document that the command was asked for. */
  void data(Object json, List<String> text) {
    if (isJson()) {
      out.println(Json.document(json));
    } else {
      text.forEach(out::println);
    }
    out.flush();
  }

  /** What a person should know besides; in JSON one object per line. */
  void progress(String text) {
    err.println(isJson() ? Json.line(Map.of("remark", text)) : text);
    err.flush();
  }

  void error(StillpointException e) {
    if (isJson()) {
      Map<String, Object> error = new LinkedHashMap<>();
      error.put("code", e.code().name());
      error.put("message", String.valueOf(e.getMessage()));
      error.put("hint", e.hint());
      error.put("exitCode", e.code().exitCode());
      err.println(Json.line(Map.of("error", error)));
    } else {
      err.printf("error [%s]: %s%n", e.code(), e.getMessage());
      if (!e.hint().isEmpty()) {
        err.printf("HINT: %s%n", e.hint());
      }
    }
    err.flush();
  }
}
