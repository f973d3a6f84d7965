package io.stillpoint.sandbox.mongod.query;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.bson.BsonBinaryReader;
import org.bson.BsonBinaryWriter;
import org.bson.BsonDocument;
import org.bson.RawBsonDocument;
import org.bson.codecs.BsonDocumentCodec;
import org.bson.codecs.DecoderContext;
import org.bson.codecs.EncoderContext;
import org.bson.io.BasicOutputBuffer;

/** Documents as stored bytes and back. */
public final class Documents {
  private static final BsonDocumentCodec CODEC = new BsonDocumentCodec();
  private static final EncoderContext ENCODER = EncoderContext.builder().build();
  private static final DecoderContext DECODER = DecoderContext.builder().build();

  private Documents() {}

  public static byte[] encode(BsonDocument document) {
    BasicOutputBuffer out = new BasicOutputBuffer(256);
    CODEC.encode(new BsonBinaryWriter(out), document, ENCODER);
    return out.toByteArray();
  }

  /** A read-only view of the bytes, parsed on access. */
  public static BsonDocument view(byte[] bytes) {
    return new RawBsonDocument(bytes);
  }

  /** A document of its own that may be changed. */
  public static BsonDocument decode(byte[] bytes) {
    return CODEC.decode(new BsonBinaryReader(ByteBuffer.wrap(bytes)), DECODER);
  }

  /** A deep copy that may be changed. */
  public static BsonDocument copy(BsonDocument document) {
    return decode(encode(document));
  }

  /** A digest for {@code dbHash}. */
  public static MessageDigest md5() {
    try {
      return MessageDigest.getInstance("MD5");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
