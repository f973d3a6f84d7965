package io.stillpoint.sandbox.mongod.backup;

import io.stillpoint.sandbox.mongod.config.ServerVersion;
import io.stillpoint.sandbox.wire.CommandException;
import java.util.Locale;
import org.bson.BsonBinary;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;
import org.bson.BsonType;
import org.bson.BsonValue;

/** The parameters of {@code $backupCursor}. */
public record BackupOptions(
    boolean metadataOnly, boolean incremental, int blockSize, String thisName, String srcName) {

  /** The parameters of {@code $backupCursorExtend}. */
  public record Extend(BsonBinary backupId, long timestamp) {}

  /**
   * Reads the stage's specification.
   *
   * @throws CommandException 9, 14 or 72 as the real server does
   */
  public static BackupOptions parse(BsonValue spec) {
    String stage = "$backupCursor";
    BsonDocument document = object(stage, spec);
    boolean disable = false;
    boolean incremental = false;
    int blockSize = 16;
    String thisName = null;
    String srcName = null;
    for (String key : document.keySet()) {
      BsonValue value = document.get(key);
      switch (key) {
        case "disableIncrementalBackup" ->
            disable =
                typed(stage, key, value, BsonType.BOOLEAN, "a boolean").asBoolean().getValue();
        case "incrementalBackup" ->
            incremental =
                typed(stage, key, value, BsonType.BOOLEAN, "a boolean").asBoolean().getValue();
        case "blockSize" ->
            blockSize = typed(stage, key, value, BsonType.INT32, "an integer").asInt32().getValue();
        case "thisBackupName" ->
            thisName = typed(stage, key, value, BsonType.STRING, "a string").asString().getValue();
        case "srcBackupName" ->
            srcName = typed(stage, key, value, BsonType.STRING, "a string").asString().getValue();
        default -> throw unrecognized(stage, key);
      }
    }
    if (disable && incremental) {
      throw invalid(
          "'incrementalBackup' and 'disableIncrementalBackup' parameters are mutually exclusive."
              + " Cannot enable both");
    }
    if (!incremental && (thisName != null || srcName != null)) {
      throw invalid(
          "'thisBackupName' and 'srcBackupName' parameters are only allowed when"
              + " 'incrementalBackup' is true");
    }
    if (incremental && thisName == null) {
      throw invalid("a real server aborts on incrementalBackup without thisBackupName");
    }
    return new BackupOptions(disable, incremental, blockSize, thisName, srcName);
  }

  /** Reads the specification of {@code $backupCursorExtend}. */
  public static Extend parseExtend(BsonValue spec) {
    String stage = "$backupCursorExtend";
    BsonDocument document = object(stage, spec);
    BsonBinary id = null;
    Long timestamp = null;
    for (String key : document.keySet()) {
      BsonValue value = document.get(key);
      switch (key) {
        case "backupId" -> {
          id = typed(stage, key, value, BsonType.BINARY, "a UUID").asBinary();
          if (id.getType() != 4) {
            throw mismatch(stage, key, "a UUID", value);
          }
        }
        case "timestamp" -> {
          // A date is accepted and its milliseconds are read as a timestamp's bits: a trap.
          timestamp =
              value.isDateTime()
                  ? Long.valueOf(value.asDateTime().getValue())
                  : Long.valueOf(
                      typed(stage, key, value, BsonType.TIMESTAMP, "a Timestamp")
                          .asTimestamp()
                          .getValue());
        }
        default -> throw unrecognized(stage, key);
      }
    }
    if (id == null) {
      throw invalid("Required parameter missing: backupId");
    }
    if (timestamp == null) {
      throw invalid("Required parameter missing: timestamp");
    }
    return new Extend(id, timestamp);
  }

  private static BsonDocument object(String stage, BsonValue spec) {
    if (!spec.isDocument()) {
      throw new CommandException(
          9,
          "FailedToParse",
          "%s parameters must be specified in an object, but found: %s"
              .formatted(stage, name(spec)));
    }
    return spec.asDocument();
  }

  private static String name(BsonValue value) {
    return value.getBsonType().name().toLowerCase(Locale.ROOT);
  }

  private static CommandException unrecognized(String stage, String key) {
    return new CommandException(
        9, "FailedToParse", "Unrecognized option '%s' in %s stage".formatted(key, stage));
  }

  private static BsonValue typed(
      String stage, String key, BsonValue value, BsonType type, String expected) {
    if (value.getBsonType() != type) {
      throw mismatch(stage, key, expected, value);
    }
    return value;
  }

  private static CommandException mismatch(
      String stage, String key, String expected, BsonValue value) {
    return new CommandException(
        14,
        "TypeMismatch",
        "The '%s' parameter of the %s stage must be %s value, but found: %s"
            .formatted(key, stage, expected, name(value)));
  }

  private static CommandException invalid(String message) {
    return new CommandException(72, "InvalidOptions", message);
  }

  /** Whether this server shows the options in the metadata: from 4.4.18 and 5.0.14 on. */
  static boolean described(ServerVersion version) {
    return version.atLeast(5) || version.patch() >= 18;
  }

  void describe(BsonDocument metadata, ServerVersion version) {
    if (!described(version)) {
      return;
    }
    metadata
        .append("disableIncrementalBackup", BsonBoolean.valueOf(metadataOnly))
        .append("incrementalBackup", BsonBoolean.valueOf(incremental))
        .append("blockSize", new BsonInt32(blockSize));
    if (thisName != null) {
      metadata.append("thisBackupName", new BsonString(thisName));
    }
    if (srcName != null) {
      metadata.append("srcBackupName", new BsonString(srcName));
    }
  }
}
