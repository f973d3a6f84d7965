package io.stillpoint.sandbox.mongod.config;

import io.stillpoint.sandbox.wire.CommandException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;
import org.bson.BsonValue;

/** Server parameters, set at start or while running. */
public final class Parameters {
  private static final Set<String> STARTUP_ONLY =
      Set.of(
          "recoverFromOplogAsStandalone",
          "takeUnstableCheckpointOnShutdown",
          "startupRecoveryForRestore",
          "logicalSessionRefreshMillis",
          "localLogicalSessionTimeoutMinutes",
          "disableLogicalSessionCacheRefresh",
          "skipShardingConfigurationChecks",
          "enableTestCommands",
          "periodicNoopIntervalSecs",
          "simulatedJournalFileKB",
          "simulatedEndInRecovery");

  private final Map<String, BsonValue> values = new ConcurrentSkipListMap<>();

  public Parameters(ServerVersion version, long syncDelaySeconds) {
    values.put("recoverFromOplogAsStandalone", BsonBoolean.FALSE);
    values.put("takeUnstableCheckpointOnShutdown", BsonBoolean.FALSE);
    if (version.atLeast(5)) {
      values.put("startupRecoveryForRestore", BsonBoolean.FALSE);
      values.put("enableTimeoutOfInactiveSessionCursors", BsonBoolean.FALSE);
    }
    values.put("disableLogicalSessionCacheRefresh", BsonBoolean.FALSE);
    values.put("skipShardingConfigurationChecks", BsonBoolean.FALSE);
    values.put("enableTestCommands", BsonBoolean.FALSE);
    values.put("ttlMonitorEnabled", BsonBoolean.TRUE);
    values.put("logicalSessionRefreshMillis", new BsonInt32(300_000));
    values.put("localLogicalSessionTimeoutMinutes", new BsonInt32(30));
    values.put("cursorTimeoutMillis", new BsonInt32(600_000));
    values.put("clientCursorMonitorFrequencySecs", new BsonInt32(4));
    values.put("periodicNoopIntervalSecs", new BsonInt32(10));
    values.put("journalCommitInterval", new BsonInt32(100));
    values.put("syncdelay", new BsonInt32((int) syncDelaySeconds));
    values.put("logLevel", new BsonInt32(0));
    values.put("diagnosticDataCollectionEnabled", BsonBoolean.TRUE);
    values.put("diagnosticDataCollectionDirectorySizeMB", new BsonInt32(200));
    values.put("transactionLifetimeLimitSeconds", new BsonInt32(60));
    values.put("maxTransactionLockRequestTimeoutMillis", new BsonInt32(5));
    values.put("enableFlowControl", BsonBoolean.TRUE);
    values.put("writePeriodicNoops", BsonBoolean.TRUE);
    values.put("wiredTigerEngineRuntimeConfig", new BsonString(""));
    values.put("authenticationMechanisms", new BsonString("SCRAM-SHA-1,SCRAM-SHA-256"));
    // No real server has these: journal files that fill soon make tests short, and a start from a
    // backup can be killed when its metadata is new and its first checkpoint is not complete. Told
    // to shut down, a primary answers until a secondary has caught up, and a full cache takes long.
    values.put("simulatedJournalFileKB", new BsonInt32(2048));
    values.put("simulatedEndInRecovery", BsonBoolean.FALSE);
    values.put("simulatedShutdownMillis", new BsonInt32(0));
  }

  /**
   * Sets a parameter from the command line.
   *
   * @throws IllegalArgumentException when there is no such parameter
   */
  public void setAtStart(String name, BsonValue value) {
    if (!values.containsKey(name)) {
      throw new IllegalArgumentException("Unknown --setParameter '" + name + "'");
    }
    values.put(name, convert(values.get(name), value));
  }

  /**
   * Sets a parameter of the running server; returns what it was.
   *
   * @throws CommandException 72 when there is no such parameter, 20 when it is fixed at start
   */
  public BsonValue set(String name, BsonValue value) {
    if (!values.containsKey(name)) {
      throw new CommandException(
          72,
          "InvalidOptions",
          "attempted to set unrecognized parameter [" + name + "], use help:true to see options ");
    }
    if (STARTUP_ONLY.contains(name)) {
      throw new CommandException(
          20, "IllegalOperation", "not allowed to change [" + name + "] at runtime");
    }
    return values.put(name, convert(values.get(name), value));
  }

  private static BsonValue convert(BsonValue like, BsonValue value) {
    if (!value.isString() || like.isString()) {
      return like.isBoolean() && value.isNumber()
          ? BsonBoolean.valueOf(value.asNumber().intValue() != 0)
          : value;
    }
    String text = value.asString().getValue();
    return like.isBoolean()
        ? BsonBoolean.valueOf(text.equals("true") || text.equals("1"))
        : SimpleYaml.scalar(text);
  }

  /** The value, or null when there is no such parameter. */
  public BsonValue get(String name) {
    return values.get(name);
  }

  public BsonDocument all() {
    BsonDocument all = new BsonDocument();
    all.putAll(values);
    return all;
  }

  public boolean isTrue(String name) {
    return values.get(name) instanceof BsonBoolean flag && flag.getValue();
  }

  public long number(String name) {
    return values.get(name).asNumber().longValue();
  }
}
