package io.stillpoint.sandbox.auth;

import java.security.SecureRandom;
import java.util.Base64;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;

/**
 * What a server keeps of a password, as in a user's {@code credentials}.
 *
 * @param salt base64
 */
public record ScramSecret(
    ScramMechanism mechanism, int iterations, String salt, byte[] storedKey, byte[] serverKey) {
  private static final SecureRandom RANDOM = new SecureRandom();

  /** With a new salt and the usual number of iterations. */
  public static ScramSecret of(ScramMechanism mechanism, String user, String password) {
    return of(mechanism, user, password, mechanism.usualIterations());
  }

  static ScramSecret of(ScramMechanism mechanism, String user, String password, int iterations) {
    byte[] salt = new byte[mechanism.saltBytes()];
    RANDOM.nextBytes(salt);
    byte[] salted = mechanism.salted(user, password, salt, iterations);
    return new ScramSecret(
        mechanism,
        iterations,
        Base64.getEncoder().encodeToString(salt),
        mechanism.hash(mechanism.hmac(salted, "Client Key")),
        mechanism.hmac(salted, "Server Key"));
  }

  static ScramSecret parse(ScramMechanism mechanism, BsonDocument document) {
    return new ScramSecret(
        mechanism,
        document.getNumber("iterationCount").intValue(),
        document.getString("salt").getValue(),
        Base64.getDecoder().decode(document.getString("storedKey").getValue()),
        Base64.getDecoder().decode(document.getString("serverKey").getValue()));
  }

  public BsonDocument toBson() {
    Base64.Encoder base64 = Base64.getEncoder();
    return new BsonDocument("iterationCount", new BsonInt32(iterations))
        .append("salt", new BsonString(salt))
        .append("storedKey", new BsonString(base64.encodeToString(storedKey)))
        .append("serverKey", new BsonString(base64.encodeToString(serverKey)));
  }
}
