package io.stillpoint.sandbox.mongod.cursor;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.bson.BsonBinary;
import org.bson.BsonDocument;

/** Logical sessions: their last use, and which were ended. */
public final class Sessions {
  private final Cursors cursors;
  private final Map<BsonBinary, Long> lastUse = new ConcurrentHashMap<>();
  private final Set<BsonBinary> ended = ConcurrentHashMap.newKeySet();

  /** A session's id as the server shows it: with the digest of its user, or of nobody. */
  public static BsonDocument identity(BsonBinary id, String user) {
    try {
      byte[] name = (user == null ? "" : user).getBytes(StandardCharsets.UTF_8);
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(name);
      return new BsonDocument("id", id).append("uid", new BsonBinary(digest));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java runtime has SHA-256", e);
    }
  }

  public Sessions(Cursors cursors) {
    this.cursors = cursors;
  }

  public void use(BsonBinary id) {
    lastUse.put(id, System.nanoTime());
  }

  /** Marks a session as ended; its cursors die at the next refresh, whatever happens until then. */
  public void end(BsonBinary id) {
    ended.add(id);
  }

  /** Kills a session's cursors at once. */
  public void kill(BsonBinary id) {
    lastUse.remove(id);
    cursors.killIf(cursor -> id.equals(cursor.session()));
  }

  /** Kills the cursors of every session; those without one survive. */
  public void killAll() {
    lastUse.clear();
    cursors.killIf(cursor -> cursor.session() != null);
  }

  /** The periodic refresh: ended and expired sessions go, with their cursors. */
  public void refresh(long timeoutMillis) {
    for (BsonBinary id : Set.copyOf(ended)) {
      kill(id);
      ended.remove(id);
    }
    long limit = System.nanoTime() - timeoutMillis * 1_000_000;
    lastUse.forEach(
        (id, at) -> {
          if (at < limit) {
            kill(id);
          }
        });
  }

  public int active() {
    return lastUse.size();
  }
}
