package io.stillpoint.catalog;

import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import io.stillpoint.model.FileListRef;
import io.stillpoint.storage.FileName;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.bson.types.Binary;

/**
 * File lists in chunks of whole lines, below the size limit of a document. The chunks belong to the
 * writer; the list becomes visible by one small document that names the writer.
 */
final class MongoFileLists implements FileLists {

  private static final int CHUNK = 1 << 20;

  private final MongoRecords lists;
  private final MongoRecords chunks;

  MongoFileLists(MongoDatabase database) {
    this.lists = new MongoRecords(database, "lists");
    this.chunks = new MongoRecords(database, "chunks");
  }

  @Override
  public FileListWriter writer(String backup, String set, int attempt) {
    return new Writer(FileName.require("backup", backup), set, attempt);
  }

  @Override
  public Stream<FileEntry> entries(String backup, FileListRef list) {
    verify(backup, list);
    String where = where(backup, list);
    return chunks(backup, list)
        .flatMap(text -> new String(text, StandardCharsets.UTF_8).lines())
        .map(line -> ListText.entry(where, line));
  }

  @Override
  public void verify(String backup, FileListRef list) {
    MessageDigest digest = ListText.sha256();
    long[] lines = new long[1];
    chunks(backup, list)
        .forEach(
            text -> {
              digest.update(text);
              lines[0] += IntStream.range(0, text.length).filter(i -> text[i] == '\n').count();
            });
    ListText.requireSame(where(backup, list), list, lines[0], digest.digest());
  }

  /** Removes every list of the backup but the named ones, and what unfinished writers left. */
  void deleteExcept(String backup, Set<String> names) {
    List<String> writers = new ArrayList<>();
    for (Document list : lists.list(Filters.eq("backup", backup))) {
      if (names.contains(list.getString("name"))) {
        writers.add(list.getString("writer"));
      }
    }
    Bson others = Filters.and(Filters.eq("backup", backup), Filters.nin("name", names));
    lists.delete(others);
    chunks.delete(Filters.and(Filters.eq("backup", backup), Filters.nin("writer", writers)));
  }

  /** Lazy: one chunk in memory at a time. */
  private Stream<byte[]> chunks(String backup, FileListRef list) {
    Document found =
        lists
            .find(id(backup, ListText.requireName(list)))
            .orElseThrow(() -> CatalogErrors.damagedList(where(backup, list), "it is gone"));
    String writer = found.getString("writer");
    return IntStream.range(0, found.getInteger("chunks"))
        .mapToObj(
            number ->
                chunks
                    .find(writer + " " + number)
                    .map(chunk -> chunk.get("data", Binary.class).getData())
                    .orElseThrow(
                        () ->
                            CatalogErrors.damagedList(
                                where(backup, list), "its part %d is gone".formatted(number))));
  }

  private String where(String backup, FileListRef list) {
    return "%s %s".formatted(lists.where(), id(backup, list.name()));
  }

  private static String id(String backup, String name) {
    return backup + "/" + name;
  }

  private final class Writer implements FileListWriter {

    private final String backup;
    private final String id = UUID.randomUUID().toString();
    private final ListText.Sum sum;
    private final ByteArrayOutputStream buffer = new ByteArrayOutputStream();
    private int written;
    private boolean finished;

    Writer(String backup, String set, int attempt) {
      this.backup = backup;
      this.sum = new ListText.Sum(set, attempt);
    }

    @Override
    public void add(String relativePath, long size) {
      buffer.writeBytes(sum.add(new FileEntry(relativePath, size)));
      if (buffer.size() >= CHUNK) {
        flush();
      }
    }

    @Override
    public FileListRef finish() {
      if (buffer.size() > 0) {
        flush();
      }
      FileListRef list = sum.reference();
      // From here on the list may be visible, whether or not the answer arrives.
      finished = true;
      boolean first =
          lists.insert(
              new Document("_id", MongoFileLists.id(backup, list.name()))
                  .append("backup", backup)
                  .append("name", list.name())
                  .append("writer", id)
                  .append("chunks", written));
      if (!first) {
        // The same content was written before; ours is not needed.
        chunks.delete(Filters.eq("writer", id));
      }
      return list;
    }

    @Override
    public void close() {
      if (!finished) {
        chunks.delete(Filters.eq("writer", id));
      }
    }

    private void flush() {
      chunks.insert(
          new Document("_id", id + " " + written)
              .append("backup", backup)
              .append("writer", id)
              .append("data", new Binary(buffer.toByteArray())));
      written++;
      buffer.reset();
    }
  }
}
