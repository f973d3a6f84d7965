package io.stillpoint.sandbox.mongos;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.bson.BsonBinaryWriter;
import org.bson.BsonDocument;
import org.bson.BsonValue;
import org.bson.codecs.BsonDocumentCodec;
import org.bson.codecs.EncoderContext;
import org.bson.io.BasicOutputBuffer;

/**
 * The 64-bit hash of a shard key's value. Like the server's it treats numbers of all types alike;
 * it need not and does not give the server's numbers.
 */
final class HashedKey {
  private static final BsonDocumentCodec CODEC = new BsonDocumentCodec();

  private HashedKey() {}

  static long hash(BsonValue value) {
    try {
      MessageDigest md5 = MessageDigest.getInstance("MD5");
      md5.update(bytes(value));
      return ByteBuffer.wrap(md5.digest()).order(ByteOrder.LITTLE_ENDIAN).getLong();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] bytes(BsonValue value) {
    if (value.isNumber()) {
      return ("n" + value.asNumber().longValue()).getBytes(StandardCharsets.US_ASCII);
    }
    BasicOutputBuffer out = new BasicOutputBuffer(64);
    try (BsonBinaryWriter writer = new BsonBinaryWriter(out)) {
      CODEC.encode(writer, new BsonDocument("", value), EncoderContext.builder().build());
    }
    return out.toByteArray();
  }
}
