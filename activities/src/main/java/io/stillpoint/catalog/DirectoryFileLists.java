package io.stillpoint.catalog;

import io.stillpoint.model.FileListRef;
import io.stillpoint.storage.DurableFiles;
import io.stillpoint.storage.FileName;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.stream.Stream;

/** File lists as text: one line for each file, its size, a space, its path. */
final class DirectoryFileLists implements FileLists {

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
      return new Writer(directory, set, attempt, temporary);
    } catch (IOException e) {
      throw CatalogErrors.unwritable(temporary, e);
    }
  }

  @Override
  public Stream<FileEntry> entries(String backup, FileListRef list) {
    verify(backup, list);
    Path file = file(backup, list);
    try {
      return Files.lines(file).map(line -> ListText.entry(file.toString(), line));
    } catch (IOException e) {
      throw CatalogErrors.damagedList(file.toString(), String.valueOf(e.getMessage()));
    }
  }

  @Override
  public void verify(String backup, FileListRef list) {
    Path file = file(backup, list);
    MessageDigest digest = ListText.sha256();
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
      throw CatalogErrors.damagedList(file.toString(), "it is gone");
    } catch (IOException e) {
      throw CatalogErrors.damagedList(file.toString(), String.valueOf(e.getMessage()));
    }
    ListText.requireSame(file.toString(), list, lines, digest.digest());
  }

  private Path directory(String backup) {
    return root.resolve(FileName.require("backup", backup));
  }

  private Path file(String backup, FileListRef list) {
    return directory(backup).resolve(ListText.requireName(list));
  }

  private static final class Writer implements FileListWriter {

    private final Path directory;
    private final Path temporary;
    private final OutputStream out;
    private final ListText.Sum sum;
    private boolean finished;

    Writer(Path directory, String set, int attempt, Path temporary) throws IOException {
      this.directory = directory;
      this.temporary = temporary;
      this.sum = new ListText.Sum(set, attempt);
      this.out =
          new BufferedOutputStream(
              Files.newOutputStream(temporary, StandardOpenOption.CREATE_NEW), 1 << 16);
    }

    @Override
    public void add(String relativePath, long size) {
      byte[] line = sum.add(new FileEntry(relativePath, size));
      try {
        out.write(line);
      } catch (IOException e) {
        throw CatalogErrors.unwritable(temporary, e);
      }
    }

    @Override
    public FileListRef finish() {
      FileListRef list = sum.reference();
      Path file = directory.resolve(list.name());
      try {
        out.close();
        DurableFiles.sync(temporary);
        DurableFiles.publish(temporary, file);
      } catch (IOException e) {
        throw CatalogErrors.unwritable(file, e);
      }
      finished = true;
      return list;
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
