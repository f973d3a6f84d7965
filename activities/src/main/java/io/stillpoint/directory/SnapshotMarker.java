package io.stillpoint.directory;

import io.stillpoint.catalog.ChecksummedJson;
import io.stillpoint.catalog.ChecksummedJson.DamagedException;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.ClusterTime;
import io.stillpoint.model.FileListRef;
import io.stillpoint.storage.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/**
 * Says, inside a directory snapshot, what it is a snapshot of and whether it is complete.
 *
 * @param files the list that was copied
 * @param method how the bytes were copied
 * @param checksums SHA-256 of the list of {@link FileChecksums}, once it was made
 */
public record SnapshotMarker(
    int formatVersion,
    String backup,
    String cluster,
    String set,
    String member,
    int attempt,
    String cursorBackupId,
    ClusterTime point,
    FileListRef files,
    Status status,
    CopyMethod method,
    Instant startedAt,
    Optional<Instant> completedAt,
    long copiedFiles,
    long copiedBytes,
    Optional<String> checksums) {

  /** Name of the marker's file. */
  public static final String NAME = "stillpoint.json";

  public static final int FORMAT_VERSION = 1;

  public SnapshotMarker {
    checksums = checksums == null ? Optional.empty() : checksums;
  }

  /** COMPLETE is written when every file is durable. */
  public enum Status {
    /** By earlier builds, which gave a file its name once it was durable, and trusted the name. */
    COPYING,
    /** Files may be half written: {@link CopyRecord} tells. Earlier builds do not know this one. */
    WRITING,
    COMPLETE
  }

  /**
   * @throws StillpointException SNAPSHOT_INCOMPLETE if it cannot be read
   */
  public static Optional<SnapshotMarker> read(Path snapshot) {
    Path file = snapshot.resolve(NAME);
    try {
      return Optional.of(ChecksummedJson.read(Files.readAllBytes(file), SnapshotMarker.class));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (DamagedException | IOException e) {
      throw new StillpointException(
          ErrorCode.SNAPSHOT_INCOMPLETE,
          "snapshot marker %s cannot be used: %s".formatted(file, e.getMessage()),
          "use another backup: stillpoint list",
          e);
    }
  }

  void write(Path snapshot) throws IOException {
    DurableFiles.replace(snapshot.resolve(NAME), ChecksummedJson.write(this));
  }

  boolean isComplete() {
    return status == Status.COMPLETE;
  }

  /** Complete, and what every file holds is recorded. */
  boolean isSealed() {
    return isComplete() && checksums.isPresent();
  }

  SnapshotMarker complete(TreeCopy.Copied copied, Instant now) {
    return new SnapshotMarker(
        formatVersion,
        backup,
        cluster,
        set,
        member,
        attempt,
        cursorBackupId,
        point,
        files,
        Status.COMPLETE,
        method,
        startedAt,
        Optional.of(now),
        copied.files(),
        copied.bytes(),
        Optional.empty());
  }

  SnapshotMarker sealed(String sha256) {
    return new SnapshotMarker(
        formatVersion,
        backup,
        cluster,
        set,
        member,
        attempt,
        cursorBackupId,
        point,
        files,
        status,
        method,
        startedAt,
        completedAt,
        copiedFiles,
        copiedBytes,
        Optional.of(sha256));
  }
}
