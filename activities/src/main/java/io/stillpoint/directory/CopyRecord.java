package io.stillpoint.directory;

import io.stillpoint.catalog.ChecksummedJson;
import io.stillpoint.catalog.ChecksummedJson.DamagedException;
import io.stillpoint.storage.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/**
 * Which entries of a list are durable in a directory, as a file in it. It is all that a resumed
 * copy trusts: a file that it does not name may be half written, or lose its content when the power
 * fails, whatever its size. Entries are named by their place in the list, as a few ranges, because
 * copies go through a list nearly in order.
 */
public final class CopyRecord {

  /** Name of the record's file. */
  public static final String NAME = "stillpoint.copied";

  /** From and to, both included. */
  private record Range(int from, int to) {}

  private record Content(String of, List<Range> durable) {}

  private final Path file;
  private final String of;
  private final BitSet durable;

  private CopyRecord(Path file, String of, BitSet durable) {
    this.file = file;
    this.of = of;
    this.durable = durable;
  }

  /**
   * Reads what an earlier copy left. A record of another copy, and a damaged one, say nothing and
   * are removed.
   *
   * @param of names what is copied: places in one list mean nothing in another
   */
  public static CopyRecord open(Path directory, String of) throws IOException {
    Path file = directory.resolve(NAME);
    Optional<Content> found = read(file).filter(content -> content.of().equals(of));
    if (found.isEmpty()) {
      remove(directory);
    }
    BitSet durable = new BitSet();
    found.ifPresent(c -> c.durable().forEach(range -> durable.set(range.from(), range.to() + 1)));
    return new CopyRecord(file, of, durable);
  }

  /** To be called when nobody will resume the copy any more. */
  public static void remove(Path directory) throws IOException {
    if (Files.deleteIfExists(directory.resolve(NAME))) {
      DurableFiles.syncDirectory(directory);
    }
  }

  synchronized boolean holds(int place) {
    return durable.get(place);
  }

  /** Nothing is recorded: there was no earlier copy, or it did not get far. */
  public synchronized boolean isEmpty() {
    return durable.isEmpty();
  }

  /** Adds entries that are durable already; the record is durable when this returns. */
  synchronized void add(BitSet places) throws IOException {
    durable.or(places);
    write();
  }

  /** Somebody changed a file that was durable: to be called before it is written again. */
  synchronized void forget(int place) throws IOException {
    durable.clear(place);
    write();
  }

  private void write() throws IOException {
    List<Range> ranges = new ArrayList<>();
    for (int from = durable.nextSetBit(0); from >= 0; ) {
      int end = durable.nextClearBit(from);
      ranges.add(new Range(from, end - 1));
      from = durable.nextSetBit(end);
    }
    DurableFiles.replace(file, ChecksummedJson.write(new Content(of, ranges)));
  }

  private static Optional<Content> read(Path file) throws IOException {
    try {
      return Optional.of(ChecksummedJson.read(Files.readAllBytes(file), Content.class));
    } catch (NoSuchFileException | DamagedException e) {
      return Optional.empty();
    }
  }
}
