package io.stillpoint.catalog;

import io.stillpoint.model.FileListRef;
import io.stillpoint.storage.FileName;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A file list as text, one line for each file: its size, a space, its path. */
final class ListText {

  static final String SUFFIX = ".files";

  private ListText() {}

  /** Adds up a list while it is written; what it is then called depends on all of it. */
  static final class Sum {
    private final String prefix;
    private final MessageDigest digest = sha256();
    private long files;
    private long bytes;

    Sum(String set, int attempt) {
      this.prefix = FileName.of(set) + "-" + attempt;
    }

    /** Returns the entry's line, with its end. */
    byte[] add(FileEntry entry) {
      byte[] line = (entry.size() + " " + entry.path() + "\n").getBytes(StandardCharsets.UTF_8);
      digest.update(line);
      files++;
      bytes += entry.minimumSize();
      return line;
    }

    FileListRef reference() {
      String sha256 = HexFormat.of().formatHex(digest.digest());
      String name = prefix + "-" + sha256.substring(0, 12) + SUFFIX;
      return new FileListRef(name, files, bytes, sha256);
    }
  }

  /**
   * @param where the list is kept, for the message
   * @param line without its end
   */
  static FileEntry entry(String where, String line) {
    int space = line.indexOf(' ');
    if (space < 1) {
      throw CatalogErrors.damagedList(where, "it has the line '" + line + "'");
    }
    return new FileEntry(line.substring(space + 1), Long.parseLong(line, 0, space, 10));
  }

  /** A list's name comes back through workflows, so it may be anything. */
  static String requireName(FileListRef list) {
    String name = list.name();
    if (name.contains("/") || name.startsWith(".") || !name.endsWith(SUFFIX)) {
      throw CatalogErrors.damagedList("?", "its name is '" + name + "'");
    }
    return name;
  }

  /** Holds what was read against what the reference says. */
  static void requireSame(String where, FileListRef list, long files, byte[] digest) {
    String actual = HexFormat.of().formatHex(digest);
    if (files != list.files() || !actual.equals(list.sha256())) {
      throw CatalogErrors.damagedList(
          where,
          "it has %d entries and sha256 %s, recorded are %d and %s"
              .formatted(files, actual, list.files(), list.sha256()));
    }
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
