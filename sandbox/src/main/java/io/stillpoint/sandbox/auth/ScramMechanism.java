package io.stillpoint.sandbox.auth;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The two password mechanisms of the servers.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc5802">RFC 5802</a>
 */
public enum ScramMechanism {
  SHA_1("SCRAM-SHA-1", "SHA-1", "HmacSHA1", "PBKDF2WithHmacSHA1", 20, 16, 10_000),
  SHA_256("SCRAM-SHA-256", "SHA-256", "HmacSHA256", "PBKDF2WithHmacSHA256", 32, 28, 15_000);

  private final String word;
  private final String digest;
  private final String mac;
  private final String derivation;
  private final int keyBytes;
  private final int saltBytes;
  private final int usualIterations;

  ScramMechanism(
      String word,
      String digest,
      String mac,
      String derivation,
      int keyBytes,
      int saltBytes,
      int usualIterations) {
    this.word = word;
    this.digest = digest;
    this.mac = mac;
    this.derivation = derivation;
    this.keyBytes = keyBytes;
    this.saltBytes = saltBytes;
    this.usualIterations = usualIterations;
  }

  public static Optional<ScramMechanism> named(String word) {
    return Arrays.stream(values()).filter(m -> m.word.equals(word)).findFirst();
  }

  /** As commands and user documents write it. */
  public String word() {
    return word;
  }

  int saltBytes() {
    return saltBytes;
  }

  /** What a server stores a new password with. */
  int usualIterations() {
    return usualIterations;
  }

  /** The slow part: the salted password. */
  byte[] salted(String user, String password, byte[] salt, int iterations) {
    String secret = this == SHA_1 ? digestOf(user, password) : password;
    try {
      PBEKeySpec spec = new PBEKeySpec(secret.toCharArray(), salt, iterations, keyBytes * 8);
      return SecretKeyFactory.getInstance(derivation).generateSecret(spec).getEncoded();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java runtime has " + derivation, e);
    }
  }

  /** The older mechanism never sees the password itself. */
  private static String digestOf(String user, String password) {
    try {
      byte[] text = (user + ":mongo:" + password).getBytes(StandardCharsets.UTF_8);
      return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(text));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java runtime has MD5", e);
    }
  }

  byte[] hmac(byte[] key, String text) {
    try {
      Mac function = Mac.getInstance(mac);
      function.init(new SecretKeySpec(key, mac));
      return function.doFinal(text.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java runtime has " + mac, e);
    }
  }

  byte[] hash(byte[] bytes) {
    try {
      return MessageDigest.getInstance(digest).digest(bytes);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java runtime has " + digest, e);
    }
  }
}
