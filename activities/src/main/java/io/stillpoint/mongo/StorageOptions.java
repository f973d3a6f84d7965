package io.stillpoint.mongo;

import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonString;

/**
 * The options that decide how a data directory is laid out. A server can only read a directory with
 * the options it was written with.
 */
public record StorageOptions(
    String engine,
    boolean directoryPerDb,
    boolean directoryForIndexes,
    boolean encryption,
    String cipherMode) {

  private static final String DEFAULT_ENGINE = "wiredTiger";

  /**
   * @param parsed the field {@code parsed} of getCmdLineOpts, or a configuration file of the same
   *     shape
   */
  public static StorageOptions of(BsonDocument parsed) {
    String engine = BsonFields.string(parsed, "storage.engine");
    String cipher = BsonFields.string(parsed, "security.encryptionCipherMode");
    boolean encryption = BsonFields.flag(parsed, "security.enableEncryption");
    return new StorageOptions(
        engine.isEmpty() ? DEFAULT_ENGINE : engine,
        BsonFields.flag(parsed, "storage.directoryPerDB"),
        BsonFields.flag(parsed, "storage.wiredTiger.engineConfig.directoryForIndexes"),
        encryption,
        encryption && cipher.isEmpty() ? "AES256-CBC" : cipher);
  }

  /** Fields in this order: engine, directoryPerDB, directoryForIndexes, encryption, cipherMode. */
  public String toJson() {
    return new BsonDocument("engine", new BsonString(engine))
        .append("directoryPerDB", BsonBoolean.valueOf(directoryPerDb))
        .append("directoryForIndexes", BsonBoolean.valueOf(directoryForIndexes))
        .append("encryption", BsonBoolean.valueOf(encryption))
        .append("cipherMode", new BsonString(cipherMode))
        .toJson();
  }
}
