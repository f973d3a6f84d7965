package io.stillpoint.sandbox.operations;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Links within this project lead somewhere. */
class DocumentedLinksTest {
  private static final Pattern LINK =
      Pattern.compile("]\\((?!https?:)([^)#\\s]*)(?:#([^)\\s]*))?\\)");
  private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.*)$");
  private static final Pattern BLOCK = Pattern.compile("```.*?```", Pattern.DOTALL);

  @Test
  void shouldLinkToPagesAndHeadingsThatExist() throws IOException {
    List<String> dead = new ArrayList<>();
    int seen = 0;
    for (Path page : ShellBlock.pages()) {
      String text = BLOCK.matcher(Files.readString(page)).replaceAll("");
      for (var link : LINK.matcher(text).results().toList()) {
        seen++;
        Path target =
            link.group(1).isEmpty() ? page : page.resolveSibling(link.group(1)).normalize();
        if (!Files.exists(target)
            || link.group(2) != null && !headings(target).contains(link.group(2))) {
          dead.add(page.getFileName() + ": " + link.group());
        }
      }
    }

    assertThat(seen).isPositive();
    assertThat(dead).isEmpty();
  }

  /** As GitHub makes them from headings. */
  private static List<String> headings(Path page) throws IOException {
    return HEADING
        .matcher(Files.readString(page))
        .results()
        .map(h -> h.group(1).toLowerCase(Locale.ROOT))
        .map(h -> h.replaceAll("[^\\p{L}\\p{N}_\\- ]", "").strip().replace(' ', '-'))
        .toList();
  }
}
