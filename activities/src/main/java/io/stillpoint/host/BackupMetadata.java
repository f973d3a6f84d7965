package io.stillpoint.host;

import io.stillpoint.directory.ListedFilesCheck;
import io.stillpoint.storage.DurableFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * Keeps the file that names the backup cursor's checkpoint, so that a first start that was ended
 * can be made again. WiredTiger makes new metadata from that file, deletes it, replays the journal
 * and only then completes a checkpoint. Ended in between it leaves metadata that knows no table: a
 * second start finds neither oplog nor data, and shows the right recovery timestamp all the same
 * (measured on 4.4.6-8). Blocks of the old checkpoint are not used again before a new one is
 * complete, which the turtle tells; until then the kept file is as good as on the first day.
 */
final class BackupMetadata {

  /**
   * With these a server would recover to its newest checkpoint, or refuse; without them, and with
   * WiredTiger.backup, it recovers to the checkpoint that the backup cursor held.
   */
  static final List<String> NEVER_RESTORED =
      List.of(
          "mongod.lock",
          "ongoingBackup.lock",
          "WiredTiger.lock",
          "WiredTiger.turtle",
          "WiredTiger.wt");

  /** What WiredTiger calls its checkpoints, in the turtle too. */
  private static final String CHECKPOINT = "checkpoint=(";

  private final Path dataPath;
  private final Path live;
  private final Path kept;

  /**
   * @param dataPath where the restored data is
   * @param directory of the restore
   */
  BackupMetadata(Path dataPath, Path directory) {
    this.dataPath = dataPath;
    this.live = dataPath.resolve(ListedFilesCheck.BACKUP_FILE);
    this.kept = directory.resolve(ListedFilesCheck.BACKUP_FILE);
  }

  /** Call before every first start; no server may run on the data. */
  void makeStartable() {
    try {
      if (!Files.exists(kept)) {
        // Agents before this one kept none: then the proof decides.
        if (Files.exists(live)) {
          copy(live, kept);
        }
      } else if (!holdsCheckpoint()) {
        if (!Files.exists(live)) {
          copy(kept, live);
        }
        removeNeverRestored(dataPath);
      }
    } catch (IOException e) {
      throw RestoreArea.unusable(live, e);
    }
  }

  static void removeNeverRestored(Path data) throws IOException {
    for (String name : NEVER_RESTORED) {
      Files.deleteIfExists(data.resolve(name));
    }
    DurableFiles.syncDirectory(data);
  }

  /** The turtle is replaced in one step once a checkpoint of all tables is complete. */
  private boolean holdsCheckpoint() throws IOException {
    try {
      byte[] turtle = Files.readAllBytes(dataPath.resolve("WiredTiger.turtle"));
      return new String(turtle, StandardCharsets.ISO_8859_1).contains(CHECKPOINT);
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  /** It may be long: a line for each table. */
  private static void copy(Path from, Path to) throws IOException {
    Path temporary = DurableFiles.temporaryFor(to);
    try {
      Files.copy(from, temporary, StandardCopyOption.COPY_ATTRIBUTES);
      DurableFiles.sync(temporary);
      DurableFiles.publish(temporary, to);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }
}
