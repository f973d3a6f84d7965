package io.stillpoint.sandbox.bench;

import io.stillpoint.sandbox.mongo.ScriptedServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonInt64;
import org.bson.BsonString;

/**
 * A long file list, from the open of the cursor until it is durable in the catalog, in a JVM of its
 * own. The server is scripted, since no simulated one has so many files.
 */
final class DrainFigures implements Figures {

  /** What fits into a reply of 16 MB, as servers fill them. */
  private static final int BATCH = 100_000;

  private static final String DB_PATH = "/var/lib/mongodb/";

  @Override
  public String name() {
    return "drain";
  }

  @Override
  public void take(Scene scene, Summary summary) throws Exception {
    int files = scene.pick(200_000, 2_000);
    List<Double> seconds = new ArrayList<>();
    List<Double> resident = new ArrayList<>();
    for (int run = 0; run < scene.pick(5, 2); run++) {
      Path catalog = scene.fresh(name());
      try (ScriptedServer server = server(files)) {
        DrainProbe.Result result = probe(server.address(), catalog);
        if (result.files() < files) {
          throw new IOException("the catalog has %d files of %d".formatted(result.files(), files));
        }
        seconds.add(result.seconds());
        resident.add(result.peakResidentMib());
      }
    }
    summary.add(Figure.of("drain.time", "s", seconds).heldTo(Bar.atMost(10)));
    summary.add(Figure.of("drain.memory", "MiB", resident).heldTo(Bar.atMost(256)));
  }

  private static DrainProbe.Result probe(String address, Path catalog) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx160m",
                "-cp",
                System.getProperty("java.class.path"),
                DrainProbe.class.getName(),
                address,
                catalog.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      List<String> lines = out.lines().toList();
      if (process.waitFor() != 0) {
        throw new IOException("the drain ended with %d: %s".formatted(process.exitValue(), lines));
      }
      return DrainProbe.Result.parse(lines.get(lines.size() - 1));
    }
  }

  private static ScriptedServer server(int files) {
    List<String> names = new ArrayList<>(List.of("WiredTiger", "WiredTiger.backup"));
    names.addAll(List.of("_mdb_catalog.wt", "sizeStorer.wt", "journal/WiredTigerLog.0000000001"));
    while (names.size() < files) {
      names.add("collection-%d-1234567890123456789.wt".formatted(names.size()));
    }
    int[] sent = new int[1];
    return new ScriptedServer()
        .on("$currentOp", c -> reply(0, "firstBatch", new BsonArray()))
        .on(
            "$backupCursor",
            c -> {
              sent[0] = 0;
              return reply(1, "firstBatch", new BsonArray(List.of(metadata())));
            })
        .on(
            "getMore",
            c -> {
              int end = Math.min(names.size(), sent[0] + BATCH);
              BsonArray batch = new BsonArray();
              names.subList(sent[0], end).forEach(n -> batch.add(entry(n)));
              sent[0] = end;
              return reply(1, "nextBatch", batch);
            })
        .on("killCursors", c -> BsonDocument.parse("{ok:1,cursorsKilled:[{$numberLong:'1'}]}"));
  }

  private static BsonDocument reply(long id, String field, BsonArray batch) {
    BsonDocument cursor =
        new BsonDocument("id", new BsonInt64(id))
            .append("ns", new BsonString("admin.$cmd.aggregate"))
            .append(field, batch);
    return BsonDocument.parse("{ok:1}").append("cursor", cursor);
  }

  private static BsonDocument entry(String name) {
    return new BsonDocument("filename", new BsonString(DB_PATH + name))
        .append("fileSize", new BsonInt64(4096));
  }

  private static BsonDocument metadata() {
    return BsonDocument.parse(
        ("{metadata:{backupId:{$uuid:'11111111-2222-3333-4444-555555555555'},dbpath:'%s',"
                + "oplogStart:{ts:{$timestamp:{t:90,i:1}},t:{$numberLong:'1'}},"
                + "oplogEnd:{ts:{$timestamp:{t:100,i:1}},t:{$numberLong:'1'}},"
                + "checkpointTimestamp:{$timestamp:{t:99,i:1}}}}")
            .formatted(DB_PATH.substring(0, DB_PATH.length() - 1)));
  }
}
