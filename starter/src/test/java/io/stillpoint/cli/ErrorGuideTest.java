package io.stillpoint.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillpoint.error.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ErrorGuideTest {
  @Test
  void shouldExplainEveryCode() {
    assertThat(ErrorGuide.load().entries())
        .hasSameSizeAs(ErrorCode.values())
        .allSatisfy(
            e -> {
              assertThat(e.meaning()).endsWith(".");
              assertThat(e.remedy()).isNotBlank();
            });
  }

  @Test
  void shouldKeepDocumentationCurrent() throws IOException {
    Path page = Path.of("..", "docs", "errors.md");
    String current = ErrorGuide.load().markdown();
    if (Boolean.getBoolean("stillpoint.golden.write")) {
      Files.writeString(page, current);
    }

    assertThat(page)
        .content()
        .as("write it with ./stillpoint errors --markdown")
        .isEqualTo(current);
  }
}
