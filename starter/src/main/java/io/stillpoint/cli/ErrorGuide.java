package io.stillpoint.cli;

import io.stillpoint.error.ErrorCode;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;

/** What each error code means and what to do about it. */
final class ErrorGuide {
  private final Properties texts;

  private ErrorGuide(Properties texts) {
    this.texts = texts;
  }

  /** One code, explained. */
  record Entry(ErrorCode code, int exitCode, boolean triedAgain, String meaning, String remedy) {}

  static ErrorGuide load() {
    Properties texts = new Properties();
    try (Reader reader =
        new InputStreamReader(
            ErrorGuide.class.getResourceAsStream("/error-codes.properties"),
            StandardCharsets.UTF_8)) {
      texts.load(reader);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new ErrorGuide(texts);
  }

  Entry entry(ErrorCode code) {
    return new Entry(
        code, code.exitCode(), code.retryable(), text(code, "meaning"), text(code, "remedy"));
  }

  List<Entry> entries() {
    return List.of(ErrorCode.values()).stream().map(this::entry).toList();
  }

  /** The page docs/errors.md. */
  String markdown() {
    List<String> lines = new ArrayList<>();
    lines.add("# Error codes");
    lines.add("");
    lines.add(
        "Written by `stillpoint errors --markdown`; `./mvnw verify` checks that it is current.");
    lines.add("A code never changes its meaning. \"Tried again\" says that activities retry by");
    lines.add("themselves before the code is reported.");
    lines.add("");
    lines.add("| code | exit | tried again | meaning | what to do |");
    lines.add("|---|---|---|---|---|");
    for (Entry e : entries()) {
      lines.add(
          "| `%s` | %d | %s | %s | %s |"
              .formatted(
                  e.code(), e.exitCode(), e.triedAgain() ? "yes" : "no", e.meaning(), e.remedy()));
    }
    return String.join("\n", lines) + "\n";
  }

  private String text(ErrorCode code, String part) {
    String text = texts.getProperty(code + "." + part);
    if (text == null) {
      throw new IllegalStateException("error-codes.properties lacks %s.%s".formatted(code, part));
    }
    return text;
  }
}
