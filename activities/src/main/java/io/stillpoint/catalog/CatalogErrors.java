package io.stillpoint.catalog;

import com.mongodb.MongoException;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.storage.DurableFiles;
import java.io.IOException;
import java.nio.file.Path;

/** The catalog's refusals in one wording. */
final class CatalogErrors {

  private CatalogErrors() {}

  static StillpointException unwritable(Path path, IOException e) {
    if (DurableFiles.isDiskFull(e)) {
      return new StillpointException(
          ErrorCode.DISK_FULL,
          "catalog could not write %s: %s".formatted(path, e.getMessage()),
          "free space on the catalog's file system, then start the operation again",
          e);
    }
    return new StillpointException(
        ErrorCode.CATALOG_UNWRITABLE,
        "catalog could not use %s: %s %s"
            .formatted(path, e.getClass().getSimpleName(), e.getMessage()),
        "check that the catalog's directory is mounted and that the worker's user may write there",
        e);
  }

  static StillpointException unreadable(Path path, IOException e) {
    return new StillpointException(
        ErrorCode.CATALOG_UNREADABLE,
        "catalog could not read %s: %s %s"
            .formatted(path, e.getClass().getSimpleName(), e.getMessage()),
        "check that the catalog's directory is mounted and that the worker's user may read there",
        e);
  }

  static StillpointException damaged(Path path, String why) {
    return damaged(path.toString(), why);
  }

  static StillpointException damaged(String where, String why) {
    return new StillpointException(
        ErrorCode.MANIFEST_DAMAGED,
        "catalog file %s is damaged: %s".formatted(where, why),
        "bring it back from a copy of the catalog; a backup without its manifest cannot be"
            + " proven and is not restored");
  }

  /** A MongoDB server that keeps the catalog refused a write, or did not answer one. */
  static StillpointException unwritable(String where, MongoException e) {
    return unusable(ErrorCode.CATALOG_UNWRITABLE, "write", where, e);
  }

  /** The same for a read. */
  static StillpointException unreadable(String where, MongoException e) {
    return unusable(ErrorCode.CATALOG_UNREADABLE, "read", where, e);
  }

  private static StillpointException unusable(
      ErrorCode code, String what, String where, MongoException e) {
    return new StillpointException(
        code,
        "catalog could not %s %s: %s".formatted(what, where, firstLine(e)),
        "check that the catalog's MongoDB is up, and that its user may read and write that"
            + " database",
        e);
  }

  /** The driver's messages go on for pages about the cluster's state. */
  private static String firstLine(MongoException e) {
    String message = String.valueOf(e.getMessage());
    return message.length() > 200 ? message.substring(0, 200) + "..." : message;
  }

  static StillpointException damagedList(String path, String why) {
    return new StillpointException(
        ErrorCode.FILE_LIST_DAMAGED,
        "file list %s is damaged: %s".formatted(path, why),
        "if it was never there, give this worker the catalog that the others have; else bring the file"
            + " back from a copy of the catalog, or use another backup: stillpoint list");
  }

  static StillpointException foreign(String backup, String owner, String asking) {
    return new StillpointException(
        ErrorCode.BACKUP_EXISTS,
        "backup %s belongs to operation %s, not to %s".formatted(backup, owner, asking),
        "choose another name, or look at it: stillpoint describe-backup " + backup);
  }
}
