package io.stillpoint.sandbox.wire;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;
import org.bson.BsonArray;
import org.bson.BsonBinaryReader;
import org.bson.BsonBinaryWriter;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.bson.codecs.BsonDocumentCodec;
import org.bson.codecs.DecoderContext;
import org.bson.codecs.EncoderContext;
import org.bson.io.BasicOutputBuffer;

/**
 * One message.
 *
 * @param query whether it came as {@code OP_QUERY} and wants an {@code OP_REPLY}
 * @param moreToCome whether the sender wants no reply
 * @param body the command or reply; in a request with the database in {@code $db}
 * @see <a href="https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/">protocol</a>
 */
record WireMessage(
    int requestId, int responseTo, boolean query, boolean moreToCome, BsonDocument body) {
  private static final int OP_REPLY = 1;
  private static final int OP_QUERY = 2004;
  private static final int OP_MSG = 2013;
  private static final int HEADER_BYTES = 16;
  private static final int MAX_MESSAGE_BYTES = 48_000_000;
  private static final int CHECKSUM_PRESENT = 1;
  private static final int MORE_TO_COME = 2;
  private static final int REQUIRED_BITS = 0xFFFF;
  private static final BsonDocumentCodec CODEC = new BsonDocumentCodec();

  /**
   * Reads the next message.
   *
   * @return null when the peer closed the connection between two messages
   */
  static WireMessage read(InputStream in) throws IOException {
    byte[] header = in.readNBytes(HEADER_BYTES);
    if (header.length == 0) {
      return null;
    }
    if (header.length < HEADER_BYTES) {
      throw new EOFException("connection closed inside a message header");
    }
    ByteBuffer fields = littleEndian(header);
    int length = fields.getInt();
    int requestId = fields.getInt();
    int responseTo = fields.getInt();
    int opcode = fields.getInt();
    if (length < HEADER_BYTES || length > MAX_MESSAGE_BYTES) {
      throw new IOException("message of " + length + " bytes is not allowed");
    }
    byte[] payload = in.readNBytes(length - HEADER_BYTES);
    if (payload.length < length - HEADER_BYTES) {
      throw new EOFException("connection closed inside a message");
    }
    return switch (opcode) {
      case OP_MSG -> message(requestId, responseTo, header, payload);
      case OP_QUERY -> query(requestId, littleEndian(payload));
      default -> throw new IOException("opcode " + opcode + " is not supported");
    };
  }

  private static WireMessage message(int requestId, int responseTo, byte[] header, byte[] payload)
      throws IOException {
    ByteBuffer in = littleEndian(payload);
    int flags = in.getInt();
    if ((flags & REQUIRED_BITS & ~(CHECKSUM_PRESENT | MORE_TO_COME)) != 0) {
      throw new IOException("message flags " + Integer.toHexString(flags) + " are not supported");
    }
    if ((flags & CHECKSUM_PRESENT) != 0) {
      checkChecksum(header, payload);
      in.limit(payload.length - Integer.BYTES);
    }
    BsonDocument body = null;
    BsonDocument sequences = new BsonDocument();
    while (in.hasRemaining()) {
      byte kind = in.get();
      if (kind == 0) {
        body = document(in);
      } else if (kind == 1) {
        sequence(in, sequences);
      } else {
        throw new IOException("section kind " + kind + " is not supported");
      }
    }
    if (body == null) {
      throw new IOException("message without a body section");
    }
    body.putAll(sequences);
    return new WireMessage(requestId, responseTo, false, (flags & MORE_TO_COME) != 0, body);
  }

  private static void checkChecksum(byte[] header, byte[] payload) throws IOException {
    CRC32C sum = new CRC32C();
    sum.update(header);
    sum.update(payload, 0, payload.length - Integer.BYTES);
    int sent = littleEndian(payload).getInt(payload.length - Integer.BYTES);
    if (sent != (int) sum.getValue()) {
      throw new IOException("checksum of the message does not match its content");
    }
  }

  private static void sequence(ByteBuffer in, BsonDocument sequences) throws IOException {
    int end = in.position() + in.getInt();
    if (end > in.limit()) {
      throw new IOException("document sequence is longer than its message");
    }
    String name = cstring(in);
    BsonArray documents = new BsonArray();
    while (in.position() < end) {
      documents.add(document(in));
    }
    sequences.put(name, documents);
  }

  private static WireMessage query(int requestId, ByteBuffer in) throws IOException {
    in.getInt();
    String namespace = cstring(in);
    int dot = namespace.indexOf('.');
    if (dot < 0 || !namespace.endsWith(".$cmd")) {
      throw new IOException("OP_QUERY on " + namespace + " is not supported, only commands are");
    }
    in.getInt();
    in.getInt();
    BsonDocument body = document(in);
    if (body.isDocument("$query")) {
      body = body.getDocument("$query");
    }
    body.put("$db", new BsonString(namespace.substring(0, dot)));
    return new WireMessage(requestId, 0, true, false, body);
  }

  /** The bytes of this message; a reply to a query is written as {@code OP_REPLY}. */
  byte[] encode() {
    BasicOutputBuffer out = new BasicOutputBuffer(1024);
    out.writeInt32(0);
    out.writeInt32(requestId);
    out.writeInt32(responseTo);
    out.writeInt32(query ? OP_REPLY : OP_MSG);
    if (query) {
      out.writeInt32(8); // AwaitCapable, set by every server since 1.6
      out.writeInt64(0);
      out.writeInt32(0);
      out.writeInt32(1);
    } else {
      out.writeInt32(moreToCome ? MORE_TO_COME : 0);
      out.writeByte(0);
    }
    try (BsonBinaryWriter writer = new BsonBinaryWriter(out)) {
      CODEC.encode(writer, body, EncoderContext.builder().build());
    }
    out.writeInt32(0, out.getPosition());
    return out.toByteArray();
  }

  private static BsonDocument document(ByteBuffer in) throws IOException {
    int length = in.remaining() < Integer.BYTES ? -1 : in.getInt(in.position());
    if (length < 5 || length > in.remaining()) {
      throw new IOException("document of " + length + " bytes, " + in.remaining() + " are left");
    }
    ByteBuffer slice = in.slice(in.position(), length).order(ByteOrder.LITTLE_ENDIAN);
    in.position(in.position() + length);
    try (BsonBinaryReader reader = new BsonBinaryReader(slice)) {
      return CODEC.decode(reader, DecoderContext.builder().build());
    }
  }

  private static String cstring(ByteBuffer in) throws IOException {
    int start = in.position();
    while (in.hasRemaining()) {
      if (in.get() == 0) {
        int length = in.position() - 1 - start;
        return new String(in.array(), in.arrayOffset() + start, length, StandardCharsets.UTF_8);
      }
    }
    throw new IOException("unterminated string in the message");
  }

  private static ByteBuffer littleEndian(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
