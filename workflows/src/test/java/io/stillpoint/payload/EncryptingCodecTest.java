package io.stillpoint.payload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.Failures;
import io.stillpoint.policy.Payloads;
import io.temporal.api.common.v1.Payload;
import io.temporal.api.failure.v1.Failure;
import io.temporal.common.converter.DataConverter;
import io.temporal.failure.ApplicationFailure;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class EncryptingCodecTest {
  private static final PayloadKeys ONE = keys("one", 1);

  private static PayloadKeys keys(Object... idsAndSeeds) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < idsAndSeeds.length; i += 2) {
      byte[] key = new byte[32];
      new Random((int) idsAndSeeds[i + 1]).nextBytes(key);
      text.append(idsAndSeeds[i] + ":" + Base64.getEncoder().encodeToString(key) + "\n");
    }
    return PayloadKeys.parse(text.toString(), "the test");
  }

  private static Payload plain(String text) {
    return Payload.newBuilder()
        .putMetadata("encoding", ByteString.copyFromUtf8("json/plain"))
        .setData(ByteString.copyFromUtf8(text))
        .build();
  }

  @Property(tries = 200)
  void shouldGiveBackWhatItHid(@ForAll byte[] data, @ForAll String encoding) {
    EncryptingCodec codec = new EncryptingCodec(ONE);
    Payload secret =
        Payload.newBuilder()
            .putMetadata("encoding", ByteString.copyFromUtf8(encoding))
            .setData(ByteString.copyFrom(data))
            .build();

    List<Payload> hidden = codec.encode(List.of(secret));

    assertThat(hidden.get(0).getMetadataOrThrow("encoding").toStringUtf8())
        .isEqualTo("binary/encrypted");
    assertThat(codec.decode(hidden)).containsExactly(secret);
    assertThat(codec.encode(hidden)).isEqualTo(hidden);
  }

  @Test
  void shouldNotShowThatTwoPayloadsAreTheSame() {
    EncryptingCodec codec = new EncryptingCodec(ONE);

    List<Payload> twice = codec.encode(List.of(plain("\"shop\""), plain("\"shop\"")));

    assertThat(twice.get(0).getData()).isNotEqualTo(twice.get(1).getData());
    assertThat(twice.toString()).doesNotContain("shop");
  }

  @Test
  void shouldReadOldKeysAndPlainPayloadsAfterARotation() {
    List<Payload> old = new EncryptingCodec(ONE).encode(List.of(plain("1")));
    EncryptingCodec rotated = new EncryptingCodec(keys("two", 2, "one", 1));

    assertThat(rotated.decode(old)).containsExactly(plain("1"));
    assertThat(rotated.decode(List.of(plain("typed")))).containsExactly(plain("typed"));
    assertThat(rotated.encode(List.of(plain("2"))).get(0).getMetadataOrThrow("encryption-key-id"))
        .isEqualTo(ByteString.copyFromUtf8("two"));
  }

  @Test
  void shouldNameTheKeyThatIsMissingOrWrong() {
    List<Payload> hidden = new EncryptingCodec(ONE).encode(List.of(plain("1")));
    Map<PayloadKeys, String> others =
        Map.of(
            PayloadKeys.none(), "encrypted with key 'one', but no payload key is configured here",
            keys("two", 2), "encrypted with key 'one', but here is only [two]",
            keys("one", 2), "does not decrypt with the key 'one' that is configured here");

    others.forEach(
        (keys, message) ->
            assertThatThrownBy(() -> new EncryptingCodec(keys).decode(hidden))
                .hasMessageContaining(message)
                .satisfies(
                    e -> assertThat(Failures.codeOf(e)).isEqualTo(ErrorCode.PAYLOAD_KEY_MISSING)));
  }

  @Test
  void shouldRefusePayloadsThatWereChanged() {
    Payload hidden = new EncryptingCodec(ONE).encode(List.of(plain("1"))).get(0);
    byte[] changed = hidden.getData().toByteArray();
    changed[changed.length - 1] ^= 1;
    EncryptingCodec both = new EncryptingCodec(keys("one", 1, "same-key-other-id", 1));

    for (Payload wrong :
        List.of(
            hidden.toBuilder().setData(ByteString.copyFrom(changed)).build(),
            hidden.toBuilder().setData(ByteString.copyFromUtf8("short")).build(),
            hidden.toBuilder()
                .putMetadata("encryption-key-id", ByteString.copyFromUtf8("same-key-other-id"))
                .build())) {
      assertThatThrownBy(() -> both.decode(List.of(wrong)))
          .satisfies(e -> assertThat(Failures.codeOf(e)).isEqualTo(ErrorCode.PAYLOAD_KEY_MISSING));
    }
  }

  @Test
  void shouldHideTheTextsOfFailuresButNotTheirCodes() {
    DataConverter converter = Payloads.converter(ONE);
    ApplicationFailure thrown =
        Failures.of(ErrorCode.CLUSTER_UNKNOWN, "no cluster 'shop'", "add it");

    Failure stored = converter.exceptionToFailure(thrown);

    assertThat(stored.toString()).doesNotContain("shop").contains("CLUSTER_UNKNOWN");
    assertThat(converter.failureToException(stored)).hasMessageContaining("no cluster 'shop'");
    assertThat(Payloads.converter().exceptionToFailure(thrown).getMessage()).contains("shop");
    // Encrypted with a wrong key, it would tell nobody.
    assertThat(
            converter
                .exceptionToFailure(
                    new IllegalStateException(
                        Failures.of(ErrorCode.PAYLOAD_KEY_MISSING, "key 'one' is wrong", "")))
                .getCause()
                .getMessage())
        .isEqualTo("key 'one' is wrong");
  }
}
