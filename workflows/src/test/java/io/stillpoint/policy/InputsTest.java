package io.stillpoint.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.stillpoint.backup.BackupRequest;
import io.stillpoint.backup.CopyFinished;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.Failures;
import io.stillpoint.model.SnapshotType;
import io.temporal.api.common.v1.Payload;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InputsTest {
  private static final String EXAMPLE = "{\"cluster\":\"NAME\"}";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"cluster":5}                           | 'cluster' of the input is wrong: it must be a text
          {"cluster":{"name":"shop"}}             | 'cluster'
          {"cluster":"a","type":"foo"}            | 'type' of the input is wrong: type 'foo' is none of
          {"cluster":"a","type":3}                | 'type'
          {"cluster":"a","dryRun":"x"}            | 'dryRun'
          {"cluster":"a","dryRun":"true"}         | 'dryRun' of the input is wrong: it must be true or false
          {"cluster":"a","attempts":"3"}          | 'attempts'
          {"cluster":"a","attempts":1.5}          | 'attempts' of the input is wrong: it must be a whole number
          {"cluster":"a","copyDeadline":"soon"}   | 'copyDeadline'
          {"cluster":"a","tags":"x=y"}            | 'tags'
          {"cluster":"a","tags":{"n":7}}          | 'tags.n'
          {"cluster":"a","members":["rs0"]}       | 'members' of the input is wrong: it must be an object
          "shop"                                  | is a text, but must be an object
          7                                       | is '7', but must be an object
          ["shop"]                                | is a list, but must be an object
          """)
  void shouldNameTheFieldThatIsWrong(String json, String expected) throws IOException {
    Object arrived = new ObjectMapper().readValue(json, Object.class);

    assertThatThrownBy(() -> Inputs.read(arrived, BackupRequest.class, "the input", EXAMPLE))
        .satisfies(e -> assertThat(Failures.codeOf(e)).isEqualTo(ErrorCode.BAD_INPUT))
        .hasMessageContaining(expected)
        .hasMessageContaining("HINT: a right one is: " + EXAMPLE)
        .hasMessageNotContaining("io.stillpoint")
        .hasMessageNotContaining("java.");
  }

  @ParameterizedTest
  @CsvSource({"90s,PT1M30S", "30m,PT30M", "6h,PT6H", "7d,PT168H", "PT6H,PT6H"})
  void shouldReadDurationsAsPeopleWriteThem(String typed, Duration expected) {
    BackupRequest request = read(Map.of("cluster", "a", "copyDeadline", typed));

    assertThat(request.copyDeadline()).contains(expected);
  }

  @Test
  void shouldReadWhatOurOwnClientsSend() {
    BackupRequest sent =
        new BackupRequest(
            "shop",
            Optional.of("b1"),
            Optional.of(SnapshotType.MANUAL),
            true,
            Optional.of(2),
            Optional.of(Duration.ofMillis(90_500)),
            Map.of("rs0", "h:1"),
            Map.of("by", "me"));
    Payload payload = Payloads.converter().toPayload(sent).orElseThrow();
    Object arrived = Payloads.converter().fromPayload(payload, Object.class, Object.class);

    assertThat(read(arrived)).isEqualTo(sent);
  }

  @Test
  void shouldRefuseAMisspeltSetInsteadOfMeaningAllSets() {
    assertThatThrownBy(
            () -> Inputs.read(Map.of("sett", "rs0"), CopyFinished.class, "the message", "{}"))
        .hasMessageContaining("unknown field 'sett'");
  }

  @Test
  void shouldTakeATextAloneOrAsAField() {
    assertThat(Inputs.text("shop", "cluster", "the name")).isEqualTo("shop");
    assertThat(Inputs.text(Map.of("cluster", "shop"), "cluster", "the name")).isEqualTo("shop");
    assertThat(Inputs.text(null, "cluster", "the name")).isEmpty();
    assertThatThrownBy(() -> Inputs.text(List.of("shop"), "cluster", "the name"))
        .hasMessageContaining("the name is a list, but must be a text");
    assertThatThrownBy(() -> Inputs.name(null, "backup", "the backup's name"))
        .hasMessageContaining("the backup's name is missing");
  }

  private static BackupRequest read(Object value) {
    return Inputs.read(value, BackupRequest.class, "the input", EXAMPLE);
  }
}
