package io.stillpoint.sandbox.mongod.storage;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Reads and writes any number of files with a bounded number of open ones: whichever was not used
 * for longest is closed when another is needed. A process may have some thousand files open, a
 * server has two tables for every collection.
 */
final class OpenFiles implements Closeable {

  private static final int MOST = 128;

  private final Map<Path, BlockFile> open = new LinkedHashMap<>(16, 0.75f, true);
  private boolean closed;

  synchronized int write(Path path, ByteBuffer bytes, long at) throws IOException {
    return file(path).write(bytes, at);
  }

  synchronized int read(Path path, ByteBuffer into, long at) throws IOException {
    return file(path).read(into, at);
  }

  /** To be called before the file is deleted or moved. */
  synchronized void close(Path path) throws IOException {
    BlockFile file = open.remove(path);
    if (file != null) {
      file.close();
    }
  }

  /** Nothing is written any more, as by a process that was killed. */
  @Override
  public synchronized void close() throws IOException {
    closed = true;
    while (!open.isEmpty()) {
      close(open.keySet().iterator().next());
    }
  }

  private BlockFile file(Path path) throws IOException {
    if (closed) {
      throw new IOException("%s: the server's files are closed".formatted(path));
    }
    BlockFile file = open.get(path);
    if (file == null) {
      // To open for writing makes a file that is not there.
      if (!Files.exists(path)) {
        throw new NoSuchFileException(path.toString());
      }
      if (open.size() == MOST) {
        Iterator<BlockFile> unusedLongest = open.values().iterator();
        BlockFile oldest = unusedLongest.next();
        unusedLongest.remove();
        oldest.close();
      }
      file = new BlockFile(path);
      open.put(path, file);
    }
    return file;
  }
}
