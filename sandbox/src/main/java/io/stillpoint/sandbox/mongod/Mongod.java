package io.stillpoint.sandbox.mongod;

import io.stillpoint.sandbox.auth.Access;
import io.stillpoint.sandbox.auth.Security;
import io.stillpoint.sandbox.mongod.backup.BackupCursors;
import io.stillpoint.sandbox.mongod.catalog.Catalog;
import io.stillpoint.sandbox.mongod.command.DataWriter;
import io.stillpoint.sandbox.mongod.command.Dispatcher;
import io.stillpoint.sandbox.mongod.command.RetryableWrites;
import io.stillpoint.sandbox.mongod.config.Options;
import io.stillpoint.sandbox.mongod.config.Parameters;
import io.stillpoint.sandbox.mongod.config.ServerVersion;
import io.stillpoint.sandbox.mongod.cursor.Cursors;
import io.stillpoint.sandbox.mongod.cursor.Sessions;
import io.stillpoint.sandbox.mongod.repl.Replication;
import io.stillpoint.sandbox.mongod.storage.StorageEngine.CheckpointKind;
import io.stillpoint.sandbox.mongod.storage.StorageException;
import io.stillpoint.sandbox.mongod.txn.TransactionCoordinator;
import io.stillpoint.sandbox.mongod.txn.Transactions;
import io.stillpoint.sandbox.wire.WireServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.bson.BsonBinary;
import org.bson.BsonDocument;

/**
 * One simulated server: starts on a directory, serves its port, ends by shutdown, by a fatal error,
 * or, in tests, as if it were killed.
 */
public final class Mongod {
  private static final BsonBinary NOBODY =
      new BsonBinary(
          HexFormat.of()
              .parseHex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));

  private static final int KILLED = 137;

  private final Options options;
  private final ServerVersion version;
  private final Parameters parameters;
  private final Security security;
  private final Access access;
  private final ServerLog log;
  private final DataDirectory directory;
  private final Store store;
  private final Optional<Replication> replication;
  private final Cursors cursors;
  private final Sessions sessions;
  private final BackupCursors backups;
  private final RetryableWrites retryableWrites = new RetryableWrites();
  private final DataWriter writer;
  private final Transactions transactions;
  private final TransactionCoordinator coordinator;
  private final ConfigServer configServer = new ConfigServer(this);
  private final RoutingCache routing;
  private final Background background;
  private final long startedAt = System.currentTimeMillis();
  private final AtomicBoolean ending = new AtomicBoolean();
  private final CompletableFuture<Integer> exit = new CompletableFuture<>();
  private volatile WireServer server;

  private Mongod(
      Options options,
      Parameters parameters,
      Security security,
      ServerLog log,
      DataDirectory directory) {
    this.security = security;
    this.options = options;
    this.version = options.version();
    this.parameters = parameters;
    this.log = log;
    this.directory = directory;
    boolean standalone = options.replSet() == null;
    long journalBytes = parameters.number("simulatedJournalFileKB") << 10;
    this.store =
        new Store(options.dbPath(), log, standalone, journalBytes, this::endInRecoveryIfAsked);
    this.access = new Access(security.enforced(), new StoredUsers(store), security.keyFile());
    this.cursors = new Cursors(log);
    this.sessions = new Sessions(cursors);
    this.replication =
        standalone
            ? Optional.empty()
            : Optional.of(new Replication(store, log, options, security.peers(), this::die));
    this.backups =
        new BackupCursors(
            store,
            replication.map(Replication::oplog).orElse(null),
            replication.map(Replication::set).orElse(null),
            options,
            version,
            log);
    this.writer = new DataWriter(this);
    this.transactions = new Transactions(this);
    this.coordinator = new TransactionCoordinator(this);
    this.routing = new RoutingCache(this);
    this.replication.ifPresent(r -> r.set().onPrimary(new StepUp(this)));
    this.background = new Background(this);
  }

  /**
   * Opens the directory and starts to serve.
   *
   * @throws FatalError when a real server would end during its start
   */
  public static Mongod start(Options options, ServerLog log) throws IOException {
    Mongod mongod = open(options, log);
    mongod.serve();
    return mongod;
  }

  /**
   * Opens the directory and recovers it; nothing is served yet.
   *
   * @throws FatalError when a real server would end during its start
   */
  public static Mongod open(Options options, ServerLog log) throws IOException {
    Security security = options.security();
    Parameters parameters = new Parameters(options.version(), options.syncDelaySeconds());
    options.setParameters().forEach(parameters::setAtStart);
    log.info(
        "CONTROL",
        4615611,
        "MongoDB starting",
        "pid",
        ProcessHandle.current().pid(),
        "port",
        options.port(),
        "dbPath",
        options.dbPath(),
        "version",
        options.version().full());
    DataDirectory directory = DataDirectory.open(options, log);
    Mongod mongod;
    try {
      mongod = new Mongod(options, parameters, security, log, directory);
      directory.nameProcess();
    } catch (RuntimeException e) {
      directory.releaseAsAfterCrash();
      throw e;
    }
    try {
      mongod.recover();
      return mongod;
    } catch (StorageException e) {
      mongod.crash();
      throw Catalog.unusable(log, e, "table");
    } catch (RuntimeException e) {
      mongod.crash();
      throw e;
    }
  }

  /** Listens, a shard not before its config server answers; returns when it does, or has ended. */
  public void serve() throws IOException {
    try {
      listen();
    } catch (RuntimeException | IOException e) {
      crash();
      throw e;
    }
  }

  private void endInRecoveryIfAsked() {
    if (parameters.isTrue("simulatedEndInRecovery")) {
      throw FatalError.exit("killed in recovery, as asked", KILLED);
    }
  }

  private void recover() {
    store.write(this::dropUnknownTables);
    if (replication.isPresent()) {
      replication.get().recover(parameters);
    } else {
      StandaloneStart.run(this);
    }
  }

  private void dropUnknownTables() {
    store.catalog().unknownTables().forEach(table -> store.engine().dropTable(table, 0));
  }

  private void listen() throws IOException {
    if (options.isShardServer() && replication.isPresent()) {
      ShardIdentity.awaitConfigServer(this);
    }
    if (isEnding()) {
      return;
    }
    background.start();
    replication.ifPresent(Replication::start);
    InetAddress address =
        options.bindIp().equals("*") || options.bindIp().contains("0.0.0.0")
            ? InetAddress.getByName("0.0.0.0")
            : InetAddress.getByName(
                options.bindIp().split(",")[0].replace("localhost", "127.0.0.1"));
    server = WireServer.start(security.listeners(), address, options.port(), new Dispatcher(this));
    log.info("NETWORK", 23015, "Listening on", "address", options.bindIp());
    log.info(
        "NETWORK",
        23016,
        "Waiting for connections",
        "port",
        options.port(),
        "ssl",
        security.tls().isPresent() ? "on" : "off");
  }

  // ---- parts

  public Options options() {
    return options;
  }

  public ServerVersion version() {
    return version;
  }

  /** Who may do what here. */
  public Access access() {
    return access;
  }

  public Parameters parameters() {
    return parameters;
  }

  public ServerLog log() {
    return log;
  }

  public Store store() {
    return store;
  }

  /** Empty on a standalone. */
  public Optional<Replication> replication() {
    return replication;
  }

  public Cursors cursors() {
    return cursors;
  }

  public Sessions sessions() {
    return sessions;
  }

  public BackupCursors backups() {
    return backups;
  }

  public DataWriter writer() {
    return writer;
  }

  public RetryableWrites retryableWrites() {
    return retryableWrites;
  }

  public Transactions transactions() {
    return transactions;
  }

  public TransactionCoordinator coordinator() {
    return coordinator;
  }

  public ConfigServer configServer() {
    return configServer;
  }

  public RoutingCache routing() {
    return routing;
  }

  public int preparedTransactions() {
    return transactions.preparedCount();
  }

  /** The session id as the oplog holds it: with the digest of the user, here always of nobody. */
  public BsonDocument sessionDocument(BsonDocument lsid) {
    return new BsonDocument("id", lsid.get("id")).append("uid", NOBODY);
  }

  public long startedAt() {
    return startedAt;
  }

  public int openConnections() {
    return server == null ? 0 : server.openConnections();
  }

  public boolean isEnding() {
    return ending.get();
  }

  /** Completes with the exit code when the server has ended. */
  public CompletableFuture<Integer> exit() {
    return exit;
  }

  // ---- checkpoints

  /** Writes a checkpoint now, of the kind that this server takes while it runs. */
  public void checkpoint() {
    store.engine().checkpoint(replication.isPresent() ? CheckpointKind.STABLE : CheckpointKind.ALL);
  }

  // ---- the end

  /** A clean shutdown: last checkpoint, empty lock file. */
  public void shutdown() {
    if (!ending.compareAndSet(false, true)) {
      return;
    }
    log.info("CONTROL", 23138, "Shutting down", "exitCode", 0);
    LockSupport.parkNanos(
        TimeUnit.MILLISECONDS.toNanos(parameters.number("simulatedShutdownMillis")));
    cursors.killIf(cursor -> true);
    stopServing();
    CheckpointKind kind = replication.isPresent() ? CheckpointKind.STABLE : CheckpointKind.ALL;
    if (replication.isEmpty() && parameters.isTrue("takeUnstableCheckpointOnShutdown")) {
      kind = CheckpointKind.UNSTABLE;
      StandaloneStart.noteAppliedThrough(this);
    }
    store.write(() -> store.catalog().saveSizes());
    store.engine().shutdown(kind);
    directory.releaseCleanly();
    log.info("CONTROL", 20565, "Now exiting");
    exit.complete(0);
  }

  /** Ends at once because of a fatal error, as the real process would. */
  public void die(FatalError error) {
    if (ending.compareAndSet(false, true)) {
      exit.complete(error.exitCode());
      stopServing();
      store.engine().abandon();
      directory.releaseAsAfterCrash();
    }
  }

  /** Ends without a checkpoint and without flushing anything: {@code kill -9}, for tests. */
  public void crash() {
    die(FatalError.exit("killed", 137));
  }

  private void stopServing() {
    background.stop();
    replication.ifPresent(Replication::stop);
    if (server != null) {
      server.close();
    }
  }

  static void writeFile(Path file, String content) {
    try {
      Files.writeString(file, content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
