package io.stillpoint.sandbox.operations;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A fenced block of a page, and what the HTML comment on the line before it says: {@code run},
 * {@code run when: COMMAND} (once that succeeds), or {@code not run: REASON}.
 *
 * @param language after the fence; empty if there is none
 * @param mark the comment's text; empty if there is none
 */
record ShellBlock(Path page, int line, String language, String mark, String text) {
  static final Path ROOT = Path.of("..");

  private static final Pattern FENCE = Pattern.compile("( *)```(\\S*) *");
  private static final Pattern MARK = Pattern.compile(" *<!-- ((?:run|not run).*?) *-->");
  private static final String WHEN = "run when: ";
  private static final String NOT_RUN = "not run: ";

  /** All fenced blocks of the README and the guides, in their order. */
  static List<ShellBlock> all() throws IOException {
    List<ShellBlock> blocks = new ArrayList<>();
    for (Path page : pages()) {
      blocks.addAll(of(page));
    }
    return blocks;
  }

  static List<Path> pages() throws IOException {
    List<Path> pages = new ArrayList<>(List.of(ROOT.resolve("README.md")));
    pages.add(ROOT.resolve("CONTRIBUTING.md"));
    try (Stream<Path> docs = Files.list(ROOT.resolve("docs"))) {
      docs.filter(p -> p.toString().endsWith(".md")).sorted().forEach(pages::add);
    }
    return pages;
  }

  private static List<ShellBlock> of(Path page) {
    List<String> lines = lines(page);
    List<ShellBlock> blocks = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      Matcher fence = FENCE.matcher(lines.get(i));
      if (fence.matches()) {
        int start = i;
        StringBuilder text = new StringBuilder();
        for (i++; !lines.get(i).strip().equals("```"); i++) {
          String line = lines.get(i);
          text.append(line.startsWith(fence.group(1)) ? line.substring(fence.end(1)) : line);
          text.append('\n');
        }
        Matcher mark = MARK.matcher(start == 0 ? "" : lines.get(start - 1));
        blocks.add(
            new ShellBlock(
                page,
                start + 1,
                fence.group(2),
                mark.matches() ? mark.group(1) : "",
                text.toString()));
      }
    }
    return blocks;
  }

  private static List<String> lines(Path page) {
    try {
      return Files.readAllLines(page);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  boolean isShell() {
    return language.isEmpty() || language.matches("(ba)?sh|shell|console");
  }

  boolean isRun() {
    return mark.equals("run") || mark.startsWith(WHEN);
  }

  boolean hasReasonNotToRun() {
    return mark.startsWith(NOT_RUN) && mark.length() > NOT_RUN.length();
  }

  /** As a part of a script; its line is printed first. */
  String script() {
    String condition = mark.startsWith(WHEN) ? mark.substring(WHEN.length()) : "";
    String waiting =
        condition.isEmpty()
            ? ""
            : "until %s; do [ $((++tries)) -lt 90 ] || { %s; exit 1; }; sleep 1; done\n"
                .formatted(condition, condition.replaceFirst(" \\| grep .*", ""));
    return "echo '== %s'%ntries=0%n%s%s".formatted(this, waiting, text);
  }

  @Override
  public String toString() {
    return ROOT.relativize(page) + ":" + line;
  }
}
