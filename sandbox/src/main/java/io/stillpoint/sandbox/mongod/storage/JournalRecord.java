package io.stillpoint.sandbox.mongod.storage;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** What one journal record says: an atomic list of operations. */
record JournalRecord(List<Operation> operations) {

  sealed interface Operation {}

  /** A row written, or removed when the value is null. */
  record Row(String ident, long key, byte[] value) implements Operation {}

  /** A table that was created. */
  record Created(String ident, boolean logged) implements Operation {}

  /** A checkpoint that was completed. */
  record Completed(CheckpointMetadata checkpoint) implements Operation {}

  byte[] encode() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeInt(operations.size());
      for (Operation operation : operations) {
        if (operation instanceof Row row) {
          out.writeByte(row.value() == null ? 'd' : 'p');
          out.writeUTF(row.ident());
          out.writeLong(row.key());
          if (row.value() != null) {
            out.writeInt(row.value().length);
            out.write(row.value());
          }
        } else if (operation instanceof Created created) {
          out.writeByte('c');
          out.writeUTF(created.ident());
          out.writeBoolean(created.logged());
        } else if (operation instanceof Completed completed) {
          byte[] metadata = completed.checkpoint().toBytes();
          out.writeByte('m');
          out.writeInt(metadata.length);
          out.write(metadata);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  static JournalRecord decode(byte[] payload) {
    List<Operation> operations = new ArrayList<>();
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(payload))) {
      int count = in.readInt();
      for (int i = 0; i < count; i++) {
        char kind = (char) in.readByte();
        operations.add(
            switch (kind) {
              case 'p' -> new Row(in.readUTF(), in.readLong(), in.readNBytes(in.readInt()));
              case 'd' -> new Row(in.readUTF(), in.readLong(), null);
              case 'c' -> new Created(in.readUTF(), in.readBoolean());
              case 'm' -> new Completed(CheckpointMetadata.fromBytes(in.readNBytes(in.readInt())));
              default -> throw new IOException("unknown journal operation '" + kind + "'");
            });
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new JournalRecord(operations);
  }
}
