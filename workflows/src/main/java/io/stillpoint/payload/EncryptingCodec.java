package io.stillpoint.payload;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.temporal.api.common.v1.Payload;
import io.temporal.payload.codec.PayloadCodec;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;

/**
 * AES-256-GCM around whole payloads. The id of the key is stored with each and is authenticated.
 *
 * <p>What is not encrypted is read as it is: people type inputs at Temporal's command line and UI,
 * and what was stored before there were keys stays readable. Without keys nothing is encrypted, but
 * an encrypted payload still gets a clear refusal.
 */
public final class EncryptingCodec implements PayloadCodec {
  private static final String ENCODING = "encoding";
  private static final ByteString ENCRYPTED = ByteString.copyFromUtf8("binary/encrypted");
  private static final String KEY_ID = "encryption-key-id";
  private static final String CIPHER_NAME = "encryption-cipher";
  private static final String CIPHER = "AES/GCM/NoPadding";
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BITS = 128;

  private final PayloadKeys keys;
  private final SecureRandom random = new SecureRandom();

  public EncryptingCodec(PayloadKeys keys) {
    this.keys = keys;
  }

  @Override
  public List<Payload> encode(List<Payload> payloads) {
    // A payload that is encrypted already comes back from a codec server; twice would be
    // unreadable.
    return keys.isEmpty()
        ? payloads
        : payloads.stream().map(p -> isEncrypted(p) ? p : encrypt(p)).toList();
  }

  /**
   * @throws StillpointException PAYLOAD_KEY_MISSING if the key is not here, or is another one of
   *     the same id
   */
  @Override
  public List<Payload> decode(List<Payload> payloads) {
    return payloads.stream().map(p -> isEncrypted(p) ? decrypt(p) : p).toList();
  }

  private static boolean isEncrypted(Payload payload) {
    return ENCRYPTED.equals(payload.getMetadataMap().get(ENCODING));
  }

  private Payload encrypt(Payload plain) {
    String id = keys.activeId();
    byte[] nonce = new byte[NONCE_BYTES];
    random.nextBytes(nonce);
    try {
      byte[] sealed =
          cipher(Cipher.ENCRYPT_MODE, keys.find(id).orElseThrow(), id, nonce)
              .doFinal(plain.toByteArray());
      return Payload.newBuilder()
          .putMetadata(ENCODING, ENCRYPTED)
          .putMetadata(CIPHER_NAME, ByteString.copyFromUtf8(CIPHER))
          .putMetadata(KEY_ID, ByteString.copyFromUtf8(id))
          .setData(ByteString.copyFrom(nonce).concat(ByteString.copyFrom(sealed)))
          .build();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this java cannot encrypt with " + CIPHER, e);
    }
  }

  private Payload decrypt(Payload sealed) {
    String id = sealed.getMetadataOrDefault(KEY_ID, ByteString.EMPTY).toStringUtf8();
    SecretKey key = keys.find(id).orElseThrow(() -> missing(id));
    byte[] data = sealed.getData().toByteArray();
    if (data.length < NONCE_BYTES) {
      throw damaged(id, null);
    }
    try {
      Cipher cipher =
          cipher(Cipher.DECRYPT_MODE, key, id, Arrays.copyOfRange(data, 0, NONCE_BYTES));
      return Payload.parseFrom(cipher.doFinal(data, NONCE_BYTES, data.length - NONCE_BYTES));
    } catch (AEADBadTagException | InvalidProtocolBufferException e) {
      throw damaged(id, e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this java cannot decrypt with " + CIPHER, e);
    }
  }

  private static Cipher cipher(int mode, SecretKey key, String id, byte[] nonce)
      throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance(CIPHER);
    cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
    cipher.updateAAD(id.getBytes(StandardCharsets.UTF_8));
    return cipher;
  }

  private StillpointException missing(String id) {
    return new StillpointException(
        ErrorCode.PAYLOAD_KEY_MISSING,
        "what temporal stored is encrypted with key '%s', but %s"
            .formatted(
                id, keys.isEmpty() ? "no payload key is configured here" : "here is only " + keys),
        "add that key to the file that %s names".formatted(PayloadKeys.FILE_VARIABLE));
  }

  private static StillpointException damaged(String id, Exception cause) {
    return new StillpointException(
        ErrorCode.PAYLOAD_KEY_MISSING,
        "what temporal stored does not decrypt with the key '%s' that is configured here"
            .formatted(id),
        "compare the key of this id with that of the other workers: it must be the same one",
        cause);
  }
}
