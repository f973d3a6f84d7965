package io.stillpoint.catalog;

import com.mongodb.ConnectionString;
import com.mongodb.MongoClientSettings;
import com.mongodb.ReadConcern;
import com.mongodb.ReadPreference;
import com.mongodb.WriteConcern;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import io.stillpoint.activity.CatalogActivities.BeginRequest;
import io.stillpoint.activity.CatalogActivities.CompleteRequest;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.BackupSummary;
import io.stillpoint.model.CatalogEntry;
import io.stillpoint.model.Manifest;
import io.stillpoint.model.ManifestSet;
import io.stillpoint.model.OperationStatus;
import io.stillpoint.model.SeenCatalog;
import io.stillpoint.storage.FileName;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.bson.Document;
import org.bson.conversions.Bson;

/**
 * A catalog in a MongoDB database, best one that is not backed up by it. A manifest is one document
 * with the same checksummed text as in a directory, and changes only from the revision that was
 * read, so two writers never undo each other. Writes are acknowledged by the majority and
 * journaled.
 */
public final class MongoCatalog implements BackupCatalog, AutoCloseable {

  private static final String DEFAULT_DATABASE = "stillpoint";
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration ANSWER = Duration.ofSeconds(30);
  private static final int CONFLICTS = 20;
  private static final String IDENTITY = "catalog";

  private final MongoClient client;
  private final String place;
  private final MongoRecords identity;
  private final MongoRecords backups;
  private final MongoRecords parts;
  private final MongoRecords proofs;
  private final MongoRecords operations;
  private final MongoRecords uses;
  private final MongoFileLists lists;
  private final ManifestTransitions transitions;

  private MongoCatalog(MongoClient client, MongoDatabase database, String place, Clock clock) {
    this.client = client;
    this.place = place;
    this.identity = new MongoRecords(database, "identity");
    this.backups = new MongoRecords(database, "backups");
    this.parts = new MongoRecords(database, "parts");
    this.proofs = new MongoRecords(database, "proofs");
    this.operations = new MongoRecords(database, "operations");
    this.uses = new MongoRecords(database, "uses");
    this.lists = new MongoFileLists(database);
    this.transitions = new ManifestTransitions(clock);
  }

  /**
   * Does not wait for the server: a catalog that is away for a moment keeps no worker from
   * starting.
   *
   * @param uri connection string; the database is the one it names, else {@code stillpoint}
   */
  public static MongoCatalog open(String uri, Clock clock) {
    ConnectionString connection = new ConnectionString(uri);
    MongoClient client =
        MongoClients.create(
            MongoClientSettings.builder()
                .applyToClusterSettings(
                    s -> s.serverSelectionTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .applyToSocketSettings(
                    s ->
                        s.connectTimeout((int) PATIENCE.toSeconds(), TimeUnit.SECONDS)
                            .readTimeout((int) ANSWER.toSeconds(), TimeUnit.SECONDS))
                .applyConnectionString(connection)
                .applicationName("stillpoint catalog")
                .readPreference(ReadPreference.primary())
                .readConcern(ReadConcern.MAJORITY)
                .writeConcern(WriteConcern.MAJORITY.withJournal(true))
                .build());
    String name = connection.getDatabase() == null ? DEFAULT_DATABASE : connection.getDatabase();
    String place = "database %s of %s".formatted(name, String.join(",", connection.getHosts()));
    return new MongoCatalog(client, client.getDatabase(name), place, clock);
  }

  /** The file lists that are kept beside the manifests. */
  public FileLists fileLists() {
    return lists;
  }

  @Override
  public SeenCatalog requireWritable() {
    String fresh = UUID.randomUUID().toString();
    identity.insert(new Document("_id", "check " + fresh));
    identity.delete(Filters.eq("_id", "check " + fresh));
    identity.insert(new Document("_id", IDENTITY).append("value", fresh));
    return seen();
  }

  @Override
  public SeenCatalog seen() {
    return new SeenCatalog(
        place, identity.find(IDENTITY).map(d -> d.getString("value")).orElse(""), "");
  }

  @Override
  public void begin(BeginRequest request) {
    String backup = FileName.require("backup", request.backup());
    if (!backups.insert(record(transitions.begun(request), backup))) {
      ManifestTransitions.owned(read(backup), request.owner());
    }
  }

  @Override
  public BackupSummary complete(CompleteRequest request) {
    Manifest completed =
        change(
            request.backup(),
            begun -> {
              ManifestTransitions.owned(begun, request.owner());
              return begun.status() == OperationStatus.COMPLETED
                  ? begun
                  : completed(begun, request);
            });
    sweep(completed);
    return BackupSummary.of(completed);
  }

  private Manifest completed(Manifest begun, CompleteRequest request) {
    Manifest completed =
        transitions.completed(begun, request, parts(begun.backup(), request.attempt()));
    completed.sets().forEach(set -> lists.verify(begun.backup(), set.files()));
    return completed;
  }

  @Override
  public boolean adopt(Manifest manifest) {
    return backups.insert(record(manifest, FileName.require("backup", manifest.backup())));
  }

  /** {@inheritDoc} Without a manifest nothing is to be ended. */
  @Override
  public void end(String backup, String owner, OperationStatus status, String failure) {
    ManifestTransitions.requireEnd(status);
    if (backups.find(FileName.require("backup", backup)).isEmpty()) {
      return;
    }
    sweep(
        change(
            backup,
            begun ->
                transitions
                    .ended(ManifestTransitions.owned(begun, owner), status, failure)
                    .orElse(begun)));
  }

  @Override
  public Manifest read(String backup) {
    return text(stored(backup)).read();
  }

  @Override
  public List<BackupSummary> list(Optional<String> cluster, int limit) {
    return listed(cluster).stream().limit(limit).map(ListedBackup::summary).toList();
  }

  @Override
  public List<CatalogEntry> entries(String cluster) {
    return listed(Optional.of(cluster)).stream().map(ListedBackup::entry).toList();
  }

  private List<ListedBackup> listed(Optional<String> cluster) {
    return backups
        .list(cluster.map(c -> Filters.in("cluster", c, "")).orElseGet(Filters::empty))
        .stream()
        .map(document -> text(document).listed(Instant.EPOCH))
        .filter(l -> l.concerns(cluster))
        .sorted(ListedBackup.NEWEST_FIRST)
        .toList();
  }

  @Override
  public void use(String backup, String operation) {
    stored(backup);
    uses.insert(
        new Document("_id", backup + " " + operation)
            .append("backup", backup)
            .append("operation", operation));
  }

  @Override
  public List<String> users(String backup) {
    return uses.list(Filters.eq("backup", backup)).stream()
        .map(document -> document.getString("operation"))
        .toList();
  }

  @Override
  public Manifest beginDelete(String backup) {
    return change(backup, transitions::deleting);
  }

  @Override
  public void delete(String backup) {
    // First what makes the backup visible; the rest is found by its name when this is repeated.
    backups.delete(Filters.eq("_id", FileName.require("backup", backup)));
    parts.delete(Filters.eq("backup", backup));
    proofs.delete(Filters.eq("backup", backup));
    uses.delete(Filters.eq("backup", backup));
    lists.deleteExcept(backup, Set.of());
  }

  @Override
  public void savePart(String backup, int attempt, ManifestSet part) {
    ManifestTransitions.requireRunning(read(backup));
    parts.put(
        new Document("_id", "%s %d %s".formatted(backup, attempt, part.set()))
            .append("backup", backup)
            .append("attempt", attempt)
            .append("set", part.set())
            .append("text", text(part)));
  }

  @Override
  public List<ManifestSet> parts(String backup, int attempt) {
    return parts
        .list(Filters.and(Filters.eq("backup", backup), Filters.eq("attempt", attempt)))
        .stream()
        .map(document -> MongoRecords.content(parts, document, ManifestSet.class))
        .sorted(Comparator.comparing(ManifestSet::set))
        .toList();
  }

  @Override
  public Optional<ManifestSet> latestPart(String backup, String set) {
    return read(backup).set(set).or(() -> newestPart(backup, set));
  }

  private Optional<ManifestSet> newestPart(String backup, String set) {
    return parts.list(Filters.and(Filters.eq("backup", backup), Filters.eq("set", set))).stream()
        .max(Comparator.comparingInt(document -> document.getInteger("attempt")))
        .map(document -> MongoRecords.content(parts, document, ManifestSet.class));
  }

  @Override
  public void saveProof(CopyProof proof) {
    ManifestTransitions.requireRunning(read(proof.backup()));
    proofs.put(
        new Document("_id", id(proof.backup(), proof.attempt()))
            .append("backup", proof.backup())
            .append("text", text(proof)));
  }

  @Override
  public Optional<CopyProof> proof(String backup, int attempt) {
    return proofs
        .find(id(backup, attempt))
        .map(document -> MongoRecords.content(proofs, document, CopyProof.class));
  }

  @Override
  public OperationRecord saveOperation(OperationRecord operation) {
    operations.insert(
        new Document("_id", id(operation.cluster(), operation.operation()))
            .append("cluster", operation.cluster())
            .append("text", text(operation)));
    return readOperation(operation.cluster(), operation.operation()).orElse(operation);
  }

  @Override
  public Optional<OperationRecord> readOperation(String cluster, String operation) {
    return operations
        .find(id(cluster, operation))
        .map(document -> MongoRecords.content(operations, document, OperationRecord.class));
  }

  @Override
  public List<OperationRecord> operations(String cluster) {
    return operationsWhere(Filters.eq("cluster", cluster));
  }

  @Override
  public List<OperationRecord> operations() {
    return operationsWhere(Filters.empty());
  }

  private List<OperationRecord> operationsWhere(Bson filter) {
    return operations.list(filter).stream()
        .map(document -> MongoRecords.content(operations, document, OperationRecord.class))
        .sorted(Comparator.comparing(OperationRecord::startedAt))
        .toList();
  }

  @Override
  public void forgetOperation(String cluster, String operation) {
    operations.delete(Filters.eq("_id", id(cluster, operation)));
  }

  @Override
  public void close() {
    client.close();
  }

  /** Applies the change to the manifest as it is at that moment. */
  private Manifest change(String backup, UnaryOperator<Manifest> change) {
    for (int i = 0; i < CONFLICTS; i++) {
      Document before = stored(backup);
      Manifest manifest = text(before).read();
      Manifest changed = change.apply(manifest);
      if (changed.equals(manifest)
          || backups.replace(before.getString("revision"), record(changed, backup))) {
        return changed;
      }
    }
    throw new StillpointException(
        ErrorCode.CATALOG_UNWRITABLE,
        "manifest %s was changed by others %d times in a row".formatted(backup, CONFLICTS),
        "find out which other program writes to the catalog's database");
  }

  private void sweep(Manifest manifest) {
    parts.delete(Filters.eq("backup", manifest.backup()));
    proofs.delete(Filters.eq("backup", manifest.backup()));
    lists.deleteExcept(
        manifest.backup(),
        manifest.sets().stream().map(set -> set.files().name()).collect(Collectors.toSet()));
  }

  private Document stored(String backup) {
    return backups
        .find(FileName.require("backup", backup))
        .orElseThrow(
            () ->
                new StillpointException(
                    ErrorCode.BACKUP_UNKNOWN,
                    "backup '%s' is not in the catalog %s".formatted(backup, backups.where()),
                    "see which there are: stillpoint list"));
  }

  private ManifestText text(Document document) {
    String backup = document.getString("_id");
    return new ManifestText(backup, backups.where() + " " + backup, MongoRecords.bytes(document));
  }

  private static Document record(Manifest manifest, String backup) {
    return new Document("_id", backup)
        .append("revision", UUID.randomUUID().toString())
        .append("cluster", manifest.cluster())
        .append("status", manifest.status().name())
        .append("text", text(manifest));
  }

  private static String text(Object content) {
    return new String(ChecksummedJson.write(content), StandardCharsets.UTF_8);
  }

  private static String id(String backup, int attempt) {
    return backup + " " + attempt;
  }

  private static String id(String cluster, String operation) {
    return cluster + " " + operation;
  }
}
