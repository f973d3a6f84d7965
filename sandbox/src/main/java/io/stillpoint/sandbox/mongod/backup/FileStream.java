package io.stillpoint.sandbox.mongod.backup;

import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.function.Function;
import org.bson.BsonDocument;

/**
 * The file list as servers from 5.0 on hand it out: read while the cursor is read. At a journal
 * file that an extend has returned already the batch ends, short or empty, and a client that takes
 * that for the end of the list misses the rest; so clients drain the list before they extend.
 */
final class FileStream implements Iterator<BsonDocument> {
  private final Iterator<Path> files;
  private final Function<Path, List<BsonDocument>> documents;
  private final Set<Path> seenByCursor;
  private final Set<Path> seenByExtend;
  private Iterator<BsonDocument> ready;

  /**
   * @param metadata the first document
   * @param documents what is said of a file
   * @param seenByCursor filled with the journal files that were handed out
   * @param seenByExtend journal files that extend returned
   */
  FileStream(
      BsonDocument metadata,
      List<Path> files,
      Function<Path, List<BsonDocument>> documents,
      Set<Path> seenByCursor,
      Set<Path> seenByExtend) {
    this.files = files.iterator();
    this.documents = documents;
    this.seenByCursor = seenByCursor;
    this.seenByExtend = seenByExtend;
    this.ready = List.of(metadata).iterator();
  }

  /** False at the end, and once at every journal file that extend was faster with. */
  @Override
  public boolean hasNext() {
    while (!ready.hasNext() && files.hasNext()) {
      Path file = files.next();
      if (seenByExtend.contains(file)) {
        return false;
      }
      seenByCursor.add(file);
      ready = documents.apply(file).iterator();
    }
    return ready.hasNext();
  }

  @Override
  public BsonDocument next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return ready.next();
  }
}
