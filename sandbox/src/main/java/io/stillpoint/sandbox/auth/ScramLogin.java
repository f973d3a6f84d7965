package io.stillpoint.sandbox.auth;

import io.stillpoint.sandbox.wire.CommandException;
import io.stillpoint.sandbox.wire.WireClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.bson.BsonBinary;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;

/**
 * Logs a connection in by SCRAM-SHA-256, again and again with the same password: what is derived
 * from it is kept, because that is slow on purpose.
 */
public final class ScramLogin {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final ScramMechanism MECHANISM = ScramMechanism.SHA_256;

  private final String user;
  private final String db;
  private final String password;
  private final Map<String, byte[]> salted = new ConcurrentHashMap<>();

  /**
   * @param db where the user is defined
   */
  public ScramLogin(String user, String db, String password) {
    this.user = user;
    this.db = db;
    this.password = password;
  }

  /**
   * @throws CommandException 18 if the server does not accept user or password
   * @throws IOException if the connection breaks, or the server does not know the password either
   */
  public void run(WireClient client, Duration timeout) throws IOException {
    byte[] random = new byte[24];
    RANDOM.nextBytes(random);
    String nonce = Base64.getEncoder().encodeToString(random);
    String clientFirst = "n=" + user.replace("=", "=3D").replace(",", "=2C") + ",r=" + nonce;
    BsonDocument first =
        client.run(
            db,
            new BsonDocument("saslStart", new BsonInt32(1))
                .append("mechanism", new BsonString(MECHANISM.word()))
                .append("payload", payload("n,," + clientFirst))
                .append("options", new BsonDocument("skipEmptyExchange", BsonBoolean.TRUE)),
            timeout);
    String serverFirst = text(first);
    Map<Character, String> parts = ScramConversation.parts(serverFirst);
    if (!parts.getOrDefault('r', "").startsWith(nonce)) {
      throw new IOException("the server answered another login than this one");
    }
    byte[] key =
        salted.computeIfAbsent(
            parts.get('s') + parts.get('i'),
            k ->
                MECHANISM.salted(
                    user,
                    password,
                    Base64.getDecoder().decode(parts.get('s')),
                    Integer.parseInt(parts.get('i'))));
    String withoutProof = "c=biws,r=" + parts.get('r');
    String all = clientFirst + "," + serverFirst + "," + withoutProof;
    BsonDocument last =
        client.run(
            db,
            new BsonDocument("saslContinue", new BsonInt32(1))
                .append("conversationId", first.get("conversationId"))
                .append("payload", payload(withoutProof + ",p=" + proof(key, all))),
            timeout);
    byte[] verifier = MECHANISM.hmac(MECHANISM.hmac(key, "Server Key"), all);
    String said = ScramConversation.parts(text(last)).getOrDefault('v', "");
    if (!MessageDigest.isEqual(verifier, Base64.getDecoder().decode(said))) {
      throw new IOException("the server does not know the password of " + user);
    }
  }

  private static String proof(byte[] key, String all) {
    byte[] clientKey = MECHANISM.hmac(key, "Client Key");
    byte[] signature = MECHANISM.hmac(MECHANISM.hash(clientKey), all);
    byte[] proof = new byte[clientKey.length];
    for (int i = 0; i < proof.length; i++) {
      proof[i] = (byte) (clientKey[i] ^ signature[i]);
    }
    return Base64.getEncoder().encodeToString(proof);
  }

  private static BsonBinary payload(String text) {
    return new BsonBinary(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String text(BsonDocument reply) {
    return new String(reply.getBinary("payload").getData(), StandardCharsets.UTF_8);
  }
}
