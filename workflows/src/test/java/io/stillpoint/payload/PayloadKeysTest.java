package io.stillpoint.payload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.Failures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PayloadKeysTest {
  private static final String KEY = "q83vASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4k=";

  @TempDir Path directory;

  @Test
  void shouldEncryptWithTheFirstKeyOfTheFile() throws IOException {
    Path file =
        Files.writeString(
            directory.resolve("keys"), "# newest first\n\n new : %s\nold:%s\n".formatted(KEY, KEY));

    PayloadKeys keys =
        PayloadKeys.fromEnvironment(Map.of(PayloadKeys.FILE_VARIABLE, file.toString()));

    assertThat(keys.activeId()).isEqualTo("new");
    assertThat(keys.find("old")).isPresent();
    assertThat(keys).hasToString("[new, old]");
  }

  @Test
  void shouldBeEmptyWhereNothingIsSaid() {
    assertThat(PayloadKeys.fromEnvironment(Map.of()).isEmpty()).isTrue();
    assertThat(PayloadKeys.fromEnvironment(Map.of(PayloadKeys.KEYS_VARIABLE, " ")).isEmpty())
        .isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          a:SECRETvalue!                                 | entry 1 of STILLPOINT_TEMPORAL_PAYLOAD_KEYS has a key that is not Base64
          a:c2VjcmV0                                     | a key of 6 bytes, but it must have 32
          SECRET                                         | is not of the form ID:KEY
          #                                              | holds no payload key
          a:q83vASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4k=,a:q83vASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4k= | names the id 'a' a second time
          """)
  void shouldRefuseWhatIsWrongWithoutQuotingIt(String text, String expected) {
    assertThatThrownBy(() -> PayloadKeys.load(Optional.empty(), Optional.of(text)))
        .hasMessageContaining(expected)
        .hasNoCause()
        .satisfies(
            e -> assertThat(Failures.codeOf(e)).isEqualTo(ErrorCode.CONFIGURATION_INVALID),
            e -> assertThat(e.toString()).doesNotContain("SECRET", "c2VjcmV0"));
  }

  @Test
  void shouldRefuseAFileThatIsMissingAndTwoSourcesAtOnce() {
    assertThatThrownBy(() -> PayloadKeys.load(Optional.of("/nowhere/keys"), Optional.empty()))
        .hasMessageContaining("/nowhere/keys cannot be read");
    assertThatThrownBy(() -> PayloadKeys.load(Optional.of("f"), Optional.of("a:" + KEY)))
        .hasMessageContaining("given twice");
  }
}
