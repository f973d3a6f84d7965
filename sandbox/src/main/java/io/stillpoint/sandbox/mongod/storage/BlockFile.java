package io.stillpoint.sandbox.mongod.storage;

import java.io.Closeable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * A file that is read and written at positions. Unlike a {@link java.nio.channels.FileChannel} it
 * survives the interruption of a thread that uses it: a server that stops interrupts its threads,
 * and has its last checkpoint still to write.
 */
final class BlockFile implements Closeable {
  private final RandomAccessFile file;

  /** Opens for reading and writing; makes the file if it is not there. */
  BlockFile(Path path) throws IOException {
    file = new RandomAccessFile(path.toFile(), "rw");
  }

  /** Writes everything that the buffer, which must have an array, still has. */
  synchronized int write(ByteBuffer bytes, long at) throws IOException {
    int length = bytes.remaining();
    file.seek(at);
    file.write(bytes.array(), bytes.arrayOffset() + bytes.position(), length);
    bytes.position(bytes.limit());
    return length;
  }

  /** Reads what fits; -1 at the end of the file. */
  synchronized int read(ByteBuffer into, long at) throws IOException {
    file.seek(at);
    int read = file.read(into.array(), into.arrayOffset() + into.position(), into.remaining());
    if (read > 0) {
      into.position(into.position() + read);
    }
    return read;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
