package io.stillpoint.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The list of punished mistakes names tests, in whatever module they are; each must exist. */
class PunishedMistakesDocTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern NAMED = Pattern.compile("`(\\w+)#(\\w+)`");

  @Test
  void shouldNameTestsThatExist() throws IOException {
    Set<String> missing = new TreeSet<>();
    int named = 0;
    Matcher matcher =
        NAMED.matcher(Files.readString(ROOT.resolve("docs").resolve("punished-mistakes.md")));
    while (matcher.find()) {
      named++;
      if (!isTest(matcher.group(1), matcher.group(2))) {
        missing.add(matcher.group(1) + "#" + matcher.group(2));
      }
    }
    assertThat(named).isGreaterThan(30);
    assertThat(missing).isEmpty();
  }

  /** Whether the class has such a method, marked as a test. */
  private static boolean isTest(String className, String method) throws IOException {
    Pattern test =
        Pattern.compile("Test\\b(?:(?!\\bvoid\\b|;).)*\\bvoid " + method + "\\(", Pattern.DOTALL);
    try (Stream<Path> modules = Files.list(ROOT)) {
      for (Path module : modules.toList()) {
        Path tests = module.resolve("src/test/java");
        if (Files.isDirectory(tests)) {
          try (Stream<Path> files = Files.walk(tests)) {
            for (Path file : files.filter(f -> f.endsWith(className + ".java")).toList()) {
              if (test.matcher(Files.readString(file)).find()) {
                return true;
              }
            }
          }
        }
      }
    }
    return false;
  }
}
