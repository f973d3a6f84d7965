package io.stillpoint.sandbox.auth;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;

/** The server's side of one login by password. */
final class ScramConversation {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final String NO_BINDING = "biws";

  private final ScramSecret secret;
  private final String clientFirst;
  private final String nonce;
  private final String serverFirst;

  private ScramConversation(ScramSecret secret, String clientFirst, String nonce) {
    this.secret = secret;
    this.clientFirst = clientFirst;
    this.nonce = nonce;
    this.serverFirst = "r=%s,s=%s,i=%d".formatted(nonce, secret.salt(), secret.iterations());
  }

  /** The user that the client's first message names. */
  static String user(byte[] payload) {
    return parts(bare(payload)).getOrDefault('n', "").replace("=2C", ",").replace("=3D", "=");
  }

  static ScramConversation start(ScramSecret secret, byte[] payload) {
    byte[] random = new byte[24];
    RANDOM.nextBytes(random);
    String clientFirst = bare(payload);
    String nonce =
        parts(clientFirst).getOrDefault('r', "") + Base64.getEncoder().encodeToString(random);
    return new ScramConversation(secret, clientFirst, nonce);
  }

  byte[] firstReply() {
    return serverFirst.getBytes(StandardCharsets.UTF_8);
  }

  /** The server's last message, or null if the client does not know the password. */
  byte[] finalReply(byte[] payload) {
    String message = new String(payload, StandardCharsets.UTF_8);
    Map<Character, String> parts = parts(message);
    int proofAt = message.lastIndexOf(",p=");
    if (proofAt < 0
        || !nonce.equals(parts.get('r'))
        || !NO_BINDING.equals(parts.getOrDefault('c', ""))) {
      return null;
    }
    ScramMechanism mechanism = secret.mechanism();
    String all = clientFirst + "," + serverFirst + "," + message.substring(0, proofAt);
    byte[] signature = mechanism.hmac(secret.storedKey(), all);
    byte[] proof = decoded(parts.get('p'));
    if (proof.length != signature.length) {
      return null;
    }
    byte[] clientKey = new byte[proof.length];
    for (int i = 0; i < proof.length; i++) {
      clientKey[i] = (byte) (proof[i] ^ signature[i]);
    }
    if (!MessageDigest.isEqual(mechanism.hash(clientKey), secret.storedKey())) {
      return null;
    }
    byte[] verifier = mechanism.hmac(secret.serverKey(), all);
    return ("v=" + Base64.getEncoder().encodeToString(verifier)).getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] decoded(String base64) {
    try {
      return Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      return new byte[0];
    }
  }

  /** Without the header about channel binding, which no driver uses here. */
  private static String bare(byte[] payload) {
    String message = new String(payload, StandardCharsets.UTF_8);
    return message.startsWith("n,") ? message.substring(message.indexOf(',', 2) + 1) : message;
  }

  static Map<Character, String> parts(String message) {
    Map<Character, String> parts = new TreeMap<>();
    for (String part : message.split(",")) {
      if (part.length() > 2 && part.charAt(1) == '=') {
        parts.put(part.charAt(0), part.substring(2));
      }
    }
    return parts;
  }
}
