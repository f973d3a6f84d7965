package io.stillpoint.catalog;

import io.stillpoint.model.FileListRef;
import io.stillpoint.storage.DurableFiles;
import io.stillpoint.storage.FileName;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** File lists as text: one line for each file, its size, a space, its path. */
final class DirectoryFileLists implements FileLists {

  static final String SUFFIX = ".files";

  private final Path root;

  DirectoryFileLists(Path root) {
    this.root = root;
  }

  @Override
  public FileListWriter writer(String backup, String set, int attempt) {
    Path directory = directory(backup);
    Path temporary = DurableFiles.temporaryFor(directory.resolve("list"));
    try {
      Files.createDirectories(directory);
      return new Writer(directory, FileName.of(set) + "-" + attempt, temporary);
    } catch (IOException e) {
      throw CatalogErrors.unwritable(temporary, e);
    }
  }

  @Override
  public FileListRef append(
      String backup, String set, int attempt, FileListRef base, List<FileEntry> more) {
    Map<String, FileEntry> added = new LinkedHashMap<>();
    more.forEach(entry -> added.put(entry.path(), entry));
    try (FileListWriter writer = writer(backup, set, attempt);
        Stream<FileEntry> entries = entries(backup, base)) {
      entries.forEach(
          entry -> {
            FileEntry newer = added.remove(entry.path());
            long grown = newer == null ? entry.size() : Math.max(entry.size(), newer.size());
            writer.add(entry.path(), grown);
          });
      added.values().forEach(entry -> writer.add(entry.path(), entry.size()));
      return writer.finish();
    }
  }

  @Override
  public Stream<FileEntry> entries(String backup, FileListRef list) {
    verify(backup, list);
    Path file = file(backup, list);
    try {
      return Files.lines(file).map(line -> entry(file, line));
    } catch (IOException e) {
      throw CatalogErrors.damagedList(file, String.valueOf(e.getMessage()));
    }
  }

  @Override
  public void verify(String backup, FileListRef list) {
    Path file = file(backup, list);
    MessageDigest digest = sha256();
    long lines = 0;
    byte[] buffer = new byte[1 << 16];
    try (InputStream in = Files.newInputStream(file)) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        digest.update(buffer, 0, read);
        for (int i = 0; i < read; i++) {
          lines += buffer[i] == '\n' ? 1 : 0;
        }
      }
    } catch (NoSuchFileException e) {
      throw CatalogErrors.damagedList(file, "it is gone");
    } catch (IOException e) {
      throw CatalogErrors.damagedList(file, String.valueOf(e.getMessage()));
    }
    String actual = HexFormat.of().formatHex(digest.digest());
    if (lines != list.files() || !actual.equals(list.sha256())) {
      throw CatalogErrors.damagedList(
          file,
          "it has %d entries and sha256 %s, recorded are %d and %s"
              .formatted(lines, actual, list.files(), list.sha256()));
    }
  }

  private Path directory(String backup) {
    return root.resolve(FileName.require("backup", backup));
  }

  private Path file(String backup, FileListRef list) {
    String name = list.name();
    if (name.contains("/") || name.startsWith(".") || !name.endsWith(SUFFIX)) {
      throw CatalogErrors.damagedList(directory(backup).resolve("?"), "its name is '" + name + "'");
    }
    return directory(backup).resolve(name);
  }

  private static FileEntry entry(Path file, String line) {
    int space = line.indexOf(' ');
    if (space < 1) {
      throw CatalogErrors.damagedList(file, "it has the line '" + line + "'");
    }
    return new FileEntry(line.substring(space + 1), Long.parseLong(line, 0, space, 10));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static final class Writer implements FileListWriter {

    private final Path directory;
    private final String prefix;
    private final Path temporary;
    private final OutputStream out;
    private final MessageDigest digest = sha256();
    private long files;
    private long bytes;
    private boolean finished;

    Writer(Path directory, String prefix, Path temporary) throws IOException {
      this.directory = directory;
      this.prefix = prefix;
      this.temporary = temporary;
      this.out =
          new BufferedOutputStream(
              Files.newOutputStream(temporary, StandardOpenOption.CREATE_NEW), 1 << 16);
    }

    @Override
    public void add(String relativePath, long size) {
      FileEntry entry = new FileEntry(relativePath, size);
      byte[] line = (size + " " + relativePath + "\n").getBytes(StandardCharsets.UTF_8);
      try {
        out.write(line);
      } catch (IOException e) {
        throw CatalogErrors.unwritable(temporary, e);
      }
      digest.update(line);
      files++;
      bytes += entry.minimumSize();
    }

    @Override
    public FileListRef finish() {
      String sha256 = HexFormat.of().formatHex(digest.digest());
      String name = prefix + "-" + sha256.substring(0, 12) + SUFFIX;
      try {
        out.close();
        DurableFiles.sync(temporary);
        DurableFiles.publish(temporary, directory.resolve(name));
      } catch (IOException e) {
        throw CatalogErrors.unwritable(directory.resolve(name), e);
      }
      finished = true;
      return new FileListRef(name, files, bytes, sha256);
    }

    @Override
    public void close() {
      if (finished) {
        return;
      }
      try {
        out.close();
        Files.deleteIfExists(temporary);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
