package io.stillpoint.sandbox.mongod.storage;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.bson.BsonArray;
import org.bson.BsonBinaryReader;
import org.bson.BsonBinaryWriter;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonString;
import org.bson.codecs.BsonDocumentCodec;
import org.bson.codecs.DecoderContext;
import org.bson.codecs.EncoderContext;
import org.bson.io.BasicOutputBuffer;

/**
 * What a checkpoint consists of.
 *
 * @param timestamp the stable timestamp that the unlogged tables are at, 0 for none
 * @param generation counts checkpoints
 * @param lsn where the replay of the journal starts
 */
record CheckpointMetadata(long timestamp, long generation, long lsn, List<Entry> tables) {

  /** One table and its root block. */
  record Entry(String ident, boolean logged, Address root) {}

  static final CheckpointMetadata EMPTY = new CheckpointMetadata(0, 0, 0, List.of());

  private BsonDocument head() {
    return new BsonDocument("timestamp", new BsonInt64(timestamp))
        .append("generation", new BsonInt64(generation))
        .append("lsn", new BsonInt64(lsn))
        .append("tables", new BsonInt32(tables.size()));
  }

  private static BsonDocument toBson(Entry entry) {
    return new BsonDocument("ident", new BsonString(entry.ident()))
        .append("logged", BsonBoolean.valueOf(entry.logged()))
        .append("offset", new BsonInt64(entry.root().offset()))
        .append("length", new BsonInt32(entry.root().length()))
        .append("checksum", new BsonInt32(entry.root().checksum()));
  }

  private static Entry entry(BsonDocument bson) {
    return new Entry(
        bson.getString("ident").getValue(),
        bson.getBoolean("logged").getValue(),
        new Address(
            bson.getNumber("offset").longValue(),
            bson.getInt32("length").getValue(),
            bson.getInt32("checksum").getValue()));
  }

  byte[] toBytes() {
    BsonArray entries = new BsonArray(tables.stream().map(CheckpointMetadata::toBson).toList());
    BasicOutputBuffer out = new BasicOutputBuffer();
    new BsonDocumentCodec()
        .encode(
            new BsonBinaryWriter(out),
            head().append("entries", entries),
            EncoderContext.builder().build());
    return out.toByteArray();
  }

  static CheckpointMetadata fromBytes(byte[] bytes) {
    BsonDocument bson =
        new BsonDocumentCodec()
            .decode(new BsonBinaryReader(ByteBuffer.wrap(bytes)), DecoderContext.builder().build());
    return of(bson, bson.getArray("entries").stream().map(e -> entry(e.asDocument())).toList());
  }

  private static CheckpointMetadata of(BsonDocument head, List<Entry> entries) {
    return new CheckpointMetadata(
        head.getNumber("timestamp").longValue(),
        head.getNumber("generation").longValue(),
        head.getNumber("lsn").longValue(),
        entries);
  }

  /** The text of {@code WiredTiger.backup}: one line for the checkpoint, one for each table. */
  byte[] toText() {
    StringBuilder text = new StringBuilder(head().toJson()).append('\n');
    tables.forEach(entry -> text.append(toBson(entry).toJson()).append('\n'));
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Reads {@code WiredTiger.backup}.
   *
   * @throws StorageException when it is cut or is no such text
   */
  static CheckpointMetadata fromText(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    String[] lines = text.split("\n");
    String current = lines[0];
    try {
      BsonDocument head = BsonDocument.parse(current);
      List<Entry> entries = new ArrayList<>();
      for (int i = 1; i < lines.length; i++) {
        current = lines[i];
        entries.add(entry(BsonDocument.parse(current)));
      }
      if (entries.size() != head.getNumber("tables").intValue() || !text.endsWith("\n")) {
        throw new StorageException(22, "Error parsing '" + current + "'");
      }
      return of(head, entries);
    } catch (org.bson.json.JsonParseException | org.bson.BsonInvalidOperationException e) {
      throw new StorageException(22, "Error parsing '" + current + "'");
    }
  }
}
