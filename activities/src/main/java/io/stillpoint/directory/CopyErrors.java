package io.stillpoint.directory;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import java.io.IOException;
import java.nio.file.Path;

/** What a file that could not be copied means to a backup. */
final class CopyErrors {

  private CopyErrors() {}

  static StillpointException unwritable(Path path, IOException e) {
    return translate(FileCopy.unwritable(path, e));
  }

  static StillpointException translate(CopyFailedException e) {
    return switch (e.reason()) {
      case TARGET_FULL ->
          new StillpointException(
              ErrorCode.DISK_FULL,
              "copy failed at " + e.getMessage(),
              "free space below the snapshot root, then start the backup again",
              e);
      case TARGET_UNWRITABLE ->
          new StillpointException(
              ErrorCode.TARGET_NOT_WRITABLE,
              "copy failed at " + e.getMessage(),
              "make the snapshot root writable for the node agent's user",
              e);
      case SOURCE_UNSUITABLE ->
          new StillpointException(
              ErrorCode.VOLUME_UNSUITABLE,
              "copy failed at " + e.getMessage(),
              "put the file itself into the data path; only directories there may be links",
              e);
      case SOURCE_MISSING, SOURCE_SHORT, SOURCE_UNREADABLE ->
          new StillpointException(
              ErrorCode.SNAPSHOT_FAILED,
              "copy failed at " + e.getMessage(),
              "check that the node agent's user may read the data path and that nobody deletes"
                  + " files there, then start the backup again",
              e);
    };
  }
}
