package io.stillpoint.sandbox.mongod.command;

import io.stillpoint.sandbox.mongod.FatalError;
import io.stillpoint.sandbox.mongod.Mongod;
import io.stillpoint.sandbox.mongod.catalog.Collection;
import io.stillpoint.sandbox.mongod.config.ServerVersion;
import io.stillpoint.sandbox.mongod.query.Update;
import io.stillpoint.sandbox.wire.CommandException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bson.BsonArray;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonDouble;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonString;
import org.bson.BsonValue;

/** What the server says about itself, and its end. */
final class DiagnosticCommands {
  private static final BsonString FCV = new BsonString("featureCompatibilityVersion");

  private final Mongod mongod;

  DiagnosticCommands(Mongod mongod) {
    this.mongod = mongod;
  }

  void register(Map<String, Command> commands) {
    NodeAccess.put(commands, r -> buildInfo(), "buildInfo", "buildinfo");
    commands.put("ping", r -> new BsonDocument());
    commands.put("getCmdLineOpts", r -> commandLine());
    commands.put("getParameter", this::getParameter);
    commands.put("setParameter", this::setParameter);
    commands.put("getLog", this::getLog);
    commands.put(
        "whatsmyuri",
        r ->
            new BsonDocument(
                "you",
                new BsonString(
                    r.connection().remote().getHostString()
                        + ":"
                        + r.connection().remote().getPort())));
    commands.put("hostInfo", r -> hostInfo());
    commands.put("fsync", this::fsync);
    commands.put("fsyncUnlock", r -> fsyncUnlock());
    if (mongod.version().atLeast(5)) {
      commands.put("createBackup", this::createBackup);
    }
    commands.put("shutdown", this::shutdown);
    commands.put("setFeatureCompatibilityVersion", r -> new BsonDocument());
    commands.put("logRotate", r -> new BsonDocument());
    commands.put(
        "getFreeMonitoringStatus", r -> new BsonDocument("state", new BsonString("disabled")));
    commands.put(
        "getDefaultRWConcern",
        r ->
            new BsonDocument(
                "defaultWriteConcern",
                new BsonDocument(
                    "w",
                    mongod.version().atLeast(5) ? new BsonString("majority") : new BsonInt32(1))));
  }

  private BsonDocument buildInfo() {
    ServerVersion version = mongod.version();
    BsonArray parts =
        new BsonArray(
            List.of(
                new BsonInt32(version.major()),
                new BsonInt32(version.minor()),
                new BsonInt32(version.patch()),
                new BsonInt32(0)));
    return new BsonDocument("version", new BsonString(version.full()))
        .append("psmdbVersion", new BsonString(version.full()))
        .append("gitVersion", new BsonString("simulated"))
        .append("modules", new BsonArray())
        .append("allocator", new BsonString("jvm"))
        .append("javascriptEngine", new BsonString("none"))
        .append("sysInfo", new BsonString("deprecated"))
        .append("versionArray", parts)
        .append("bits", new BsonInt32(64))
        .append("debug", BsonBoolean.FALSE)
        .append("maxBsonObjectSize", new BsonInt32(16 << 20))
        .append(
            "storageEngines",
            new BsonArray(List.of(new BsonString("devnull"), new BsonString("wiredTiger"))));
  }

  private BsonDocument commandLine() {
    BsonArray argv = new BsonArray(mongod.options().argv().stream().map(BsonString::new).toList());
    return new BsonDocument("argv", argv).append("parsed", mongod.options().parsed());
  }

  private BsonDocument getParameter(Request request) {
    BsonDocument reply = new BsonDocument();
    boolean all =
        request.argument().isString() && request.argument().asString().getValue().equals("*");
    if (all) {
      reply.putAll(mongod.parameters().all());
    }
    for (String name : request.command().keySet()) {
      BsonValue value = mongod.parameters().get(name);
      if (value != null) {
        reply.put(name, value);
      }
    }
    if (all || request.command().containsKey(FCV.getValue())) {
      reply.put(FCV.getValue(), mongod.store().read(this::featureCompatibilityVersion));
    }
    if (reply.isEmpty()) {
      throw new CommandException(72, "InvalidOptions", "no option found to get");
    }
    return reply;
  }

  private BsonDocument featureCompatibilityVersion() {
    Collection versions = mongod.store().catalog().get("admin.system.version");
    Long record = versions == null ? null : versions.recordOf(FCV);
    BsonDocument result = new BsonDocument();
    if (record == null) {
      return result.append("version", new BsonString(mongod.version().series()));
    }
    result.putAll(versions.document(record));
    result.remove("_id");
    return result;
  }

  private BsonDocument setParameter(Request request) {
    BsonDocument reply = new BsonDocument();
    request
        .command()
        .forEach(
            (name, value) -> {
              boolean generic =
                  name.equals("setParameter")
                      || name.startsWith("$")
                      || List.of("lsid", "comment", "maxTimeMS", "apiVersion").contains(name);
              if (!generic) {
                reply.put("was", mongod.parameters().set(name, value));
              }
            });
    return reply;
  }

  private BsonDocument getLog(Request request) {
    if (request.argument().equals(new BsonString("*"))) {
      return new BsonDocument("names", new BsonArray(List.of(new BsonString("global"))));
    }
    List<String> lines = mongod.log().recent();
    return new BsonDocument("totalLinesWritten", new BsonInt32(lines.size()))
        .append("log", new BsonArray(lines.stream().map(BsonString::new).toList()));
  }

  private BsonDocument hostInfo() {
    return new BsonDocument(
        "system",
        new BsonDocument("hostname", new BsonString("127.0.0.1:" + mongod.options().port()))
            .append("numCores", new BsonInt32(Runtime.getRuntime().availableProcessors())));
  }

  private BsonDocument fsync(Request request) {
    if (Update.isTrue(request.command().get("lock"))) {
      mongod.checkpoint();
      int count = mongod.backups().fsyncLock();
      return new BsonDocument("info", new BsonString("now locked against writes"))
          .append("lockCount", new BsonInt64(count));
    }
    mongod.checkpoint();
    return new BsonDocument("numFiles", new BsonInt32(1));
  }

  private BsonDocument fsyncUnlock() {
    int left = mongod.backups().fsyncUnlock();
    if (left < 0) {
      // The real server sends no code here.
      return new BsonDocument("ok", new BsonDouble(0))
          .append("errmsg", new BsonString("fsyncUnlock called when not locked"));
    }
    return new BsonDocument("info", new BsonString("fsyncUnlock completed"))
        .append("lockCount", new BsonInt64(left));
  }

  /** Not in 4.4.6-8, which answers 59. */
  private BsonDocument createBackup(Request request) throws InterruptedException {
    Path target = Path.of(request.text("backupDir", ""));
    if (!target.isAbsolute()) {
      throw new CommandException(2, "BadValue", "Destination path must be absolute");
    }
    mongod.backups().createBackup(target);
    return new BsonDocument();
  }

  private BsonDocument shutdown(Request request) {
    boolean force = Update.isTrue(request.command().get("force"));
    mongod
        .replication()
        .ifPresent(
            replication -> {
              if (replication.set().isPrimary() && !replication.set().others().isEmpty()) {
                ReplicationCommands.stepDownForShutdown(replication, force);
              }
            });
    Thread ending =
        new Thread(
            () -> {
              try {
                mongod.shutdown();
              } catch (FatalError e) {
                mongod.die(e);
              }
            },
            "shutdown");
    ending.start();
    return new BsonDocument();
  }
}
