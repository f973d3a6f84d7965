package io.stillpoint.mongo;

import com.mongodb.ClientSessionOptions;
import com.mongodb.client.ClientSession;
import com.mongodb.client.MongoClient;
import com.mongodb.session.ServerSession;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.UUID;
import org.bson.BsonBinary;
import org.bson.BsonBinarySubType;
import org.bson.BsonDocument;

/**
 * A driver session whose identifier we choose, so that a backup cursor can be continued by another
 * client. The server ties a cursor to the session id and the user, not to a connection, and a
 * session of the driver's own pool is ended when its client closes, which kills the cursor at the
 * next refresh (both measured on 4.4.6-8).
 */
final class HandedOverSession {

  private HandedOverSession() {}

  /**
   * Everything but the identifier is delegated to a session of the client. It is a proxy because
   * the interface has methods with driver-internal types that change between versions.
   */
  static ClientSession of(MongoClient client, UUID id) {
    ClientSession real =
        client.startSession(ClientSessionOptions.builder().causallyConsistent(false).build());
    ServerSession chosen = new ChosenServerSession(identifier(id));
    return (ClientSession)
        Proxy.newProxyInstance(
            ClientSession.class.getClassLoader(),
            new Class<?>[] {ClientSession.class},
            (proxy, method, arguments) ->
                method.getName().equals("getServerSession")
                    ? chosen
                    : invoke(real, method, arguments));
  }

  private static Object invoke(ClientSession real, Method method, Object[] arguments)
      throws Throwable {
    try {
      return method.invoke(real, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  /** {@code {id: UUID}}, the UUID as binary of subtype 4. */
  private static BsonDocument identifier(UUID id) {
    ByteBuffer bytes = ByteBuffer.allocate(16);
    bytes.putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits());
    return new BsonDocument("id", new BsonBinary(BsonBinarySubType.UUID_STANDARD, bytes.array()));
  }

  private record ChosenServerSession(BsonDocument identifier) implements ServerSession {

    @Override
    public BsonDocument getIdentifier() {
      return identifier;
    }

    /** Only retryable writes and transactions count, and neither is used here. */
    @Override
    public long getTransactionNumber() {
      return 0;
    }

    @Override
    public long advanceTransactionNumber() {
      throw new UnsupportedOperationException("a handed-over session has no transactions");
    }

    @Override
    public boolean isClosed() {
      return false;
    }

    /** A network error makes a pooled session unfit for reuse; this one is in no pool. */
    @Override
    public void markDirty() {}

    @Override
    public boolean isMarkedDirty() {
      return false;
    }
  }
}
