package io.stillpoint.sandbox.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mongodb.WriteConcern;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import io.stillpoint.catalog.BackupCatalog;
import io.stillpoint.catalog.FileLists;
import io.stillpoint.catalog.MongoCatalog;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.sandbox.cluster.ClusterSpec;
import io.stillpoint.sandbox.cluster.LocalCluster;
import io.stillpoint.sandbox.cluster.ServerPrograms;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.bson.Document;
import org.bson.types.Binary;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a simulated server, or on a real one with -Dstillpoint.mongod. */
final class MongoCatalogContractTest extends CatalogContract {

  @TempDir private static Path directory;
  private static LocalCluster cluster;
  private static MongoClient client;
  private static final List<MongoCatalog> OPEN = new ArrayList<>();

  @BeforeAll
  static void start() {
    cluster =
        LocalCluster.start(
            ClusterSpec.replicaSet(directory, ServerPrograms.fromSystemProperties(), 1));
    client = MongoClients.create(uri(""));
  }

  @AfterAll
  static void stop() {
    OPEN.forEach(MongoCatalog::close);
    OPEN.clear();
    client.close();
    cluster.close();
  }

  private static String uri(String database) {
    return "mongodb://%s/%s?directConnection=true"
        .formatted(cluster.members().get(0).address(), database);
  }

  private static MongoCatalog connect(String database, Clock clock) {
    MongoCatalog catalog = MongoCatalog.open(uri(database), clock);
    OPEN.add(catalog);
    return catalog;
  }

  @Override
  Store open() {
    String name = "catalog-" + UUID.randomUUID().toString().substring(0, 8);
    return new Database(name, client.getDatabase(name).withWriteConcern(WriteConcern.MAJORITY));
  }

  @Test
  void shouldReportAServerThatIsAway() {
    try (MongoCatalog away =
        MongoCatalog.open(
            "mongodb://u:secret@127.0.0.1:1/x?serverSelectionTimeoutMS=200", Clock.systemUTC())) {
      assertThatThrownBy(() -> away.read("shop-1"))
          .isInstanceOfSatisfying(
              StillpointException.class,
              e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.CATALOG_UNREADABLE);
                assertThat(e.text()).contains("x.backups", "HINT: ").doesNotContain("secret");
              });
    }
  }

  private record Database(String name, MongoDatabase database) implements Store {
    @Override
    public BackupCatalog catalog(Clock clock) {
      return connect(name, clock);
    }

    @Override
    public FileLists lists() {
      return connect(name, Clock.systemUTC()).fileLists();
    }

    @Override
    public List<String> lists(String backup) {
      List<String> names = new ArrayList<>();
      List<String> writers = new ArrayList<>();
      for (Document list : database.getCollection("lists").find(Filters.eq("backup", backup))) {
        names.add(list.getString("name"));
        writers.add(list.getString("writer"));
      }
      for (Document chunk : database.getCollection("chunks").find(Filters.eq("backup", backup))) {
        if (!writers.contains(chunk.getString("writer"))) {
          names.add("left behind: " + chunk.get("_id"));
        }
      }
      return names;
    }

    @Override
    public String manifest(String backup) {
      return database
          .getCollection("backups")
          .find(Filters.eq("_id", backup))
          .first()
          .getString("text");
    }

    @Override
    public void editManifest(String backup, UnaryOperator<String> edit) {
      MongoCollection<Document> backups = database.getCollection("backups");
      Document found = backups.find(Filters.eq("_id", backup)).first();
      found.put("text", edit.apply(found.getString("text")));
      backups.replaceOne(Filters.eq("_id", backup), found);
    }

    @Override
    public void editList(String backup, String name, UnaryOperator<String> edit) {
      MongoCollection<Document> chunks = database.getCollection("chunks");
      Document chunk = chunks.find(Filters.eq("_id", writer(backup, name) + " 0")).first();
      String text = new String(chunk.get("data", Binary.class).getData(), StandardCharsets.UTF_8);
      chunk.put("data", new Binary(edit.apply(text).getBytes(StandardCharsets.UTF_8)));
      chunks.replaceOne(Filters.eq("_id", chunk.get("_id")), chunk);
    }

    @Override
    public void removeList(String backup, String name) {
      database.getCollection("lists").deleteOne(Filters.eq("_id", backup + "/" + name));
    }

    private String writer(String backup, String name) {
      return database
          .getCollection("lists")
          .find(Filters.eq("_id", backup + "/" + name))
          .first()
          .getString("writer");
    }
  }
}
