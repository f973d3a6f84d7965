package io.stillpoint.sandbox.bench;

import io.stillpoint.activity.SnapshotActivities.CutRequest;
import io.stillpoint.catalog.DirectoryCatalog;
import io.stillpoint.catalog.FileListWriter;
import io.stillpoint.directory.CopyMethod;
import io.stillpoint.directory.DirectoryProvider;
import io.stillpoint.host.NodeMembers;
import io.stillpoint.host.NodeSettings;
import io.stillpoint.model.BackupCursor;
import io.stillpoint.model.ClusterTime;
import io.stillpoint.model.FileListRef;
import io.stillpoint.model.SnapshotRef;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.provider.ProgressListener;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/**
 * The directory provider against {@code cp -r} of the same tree, turn by turn. Both times end when
 * every byte is durable: the provider's own sync is inside, and {@code cp} is followed by {@code
 * sync -f}.
 */
final class CopyFigures implements Figures {

  private static final String MEMBER = "127.0.0.1:1";
  private static final int PARALLEL_COPIES = 4;

  /** Without these a copy is refused as incomplete. */
  private static final List<String> REQUIRED =
      List.of("WiredTiger", "WiredTiger.backup", "journal/WiredTigerLog.0000000001");

  private static final int REQUIRED_BYTES = 4096;

  private record Tree(String name, int files, int bytesPerFile) {
    /**
     * ext4 gives no inode away that was freed in the last minutes, and looks at each of them again
     * for every new file: where thousands were just deleted, that is all that would be measured.
     */
    boolean keepsCopies() {
      return files > 1000;
    }

    double megabytes() {
      return files * (double) bytesPerFile / 1e6;
    }
  }

  @Override
  public String name() {
    return "copy";
  }

  @Override
  public void take(Scene scene, Summary summary) throws Exception {
    compare(scene, summary, new Tree("large", scene.pick(8, 2), scene.pick(64 << 20, 4 << 20)));
    compare(scene, summary, new Tree("small", scene.pick(20_000, 300), 8 << 10));
  }

  private void compare(Scene scene, Summary summary, Tree tree) throws Exception {
    Path base = scene.fresh(name());
    Path data = Files.createDirectory(base.resolve("data"));
    Path root = Files.createDirectory(base.resolve("snapshots"));
    DirectoryCatalog catalog = new DirectoryCatalog(base.resolve("catalog"), Clock.systemUTC());
    DirectoryProvider provider =
        new DirectoryProvider(
            new NodeMembers(List.of(settings(data, root))), catalog.fileLists(), Clock.systemUTC());
    FileListRef list = fill(data, catalog, tree);
    boolean reflink = CopyMethod.between(data, root) == CopyMethod.REFLINK;

    List<Double> cuts = new ArrayList<>();
    List<Double> seals = new ArrayList<>();
    List<Double> copies = new ArrayList<>();
    int runs = scene.pick(5, 2);
    for (int run = 0; run <= runs; run++) {
      Path copy = base.resolve("cp-" + run);
      CutRequest request = request(run, data, list);
      List<SnapshotRef> made = new ArrayList<>();
      Step program = () -> copyByProgram(data, copy, reflink);
      Step provided = () -> made.addAll(provider.cut(request, ProgressListener.NONE));
      boolean programFirst = run % 2 == 0;
      double first = durably(base, programFirst ? program : provided);
      double second = durably(base, programFirst ? provided : program);
      double seal = seconds(() -> provider.seal(made, ProgressListener.NONE));
      // The first turn only warms up: caches, compiled code, the file system's own structures.
      if (run > 0) {
        copies.add(programFirst ? first : second);
        cuts.add(programFirst ? second : first);
        seals.add(seal);
      }
      if (!tree.keepsCopies()) {
        run(List.of("rm", "-r", copy.toString()));
        provider.discard("bench", "backup", made);
      }
    }
    report(summary, tree, reflink, cuts, copies, seals);
  }

  private static void report(
      Summary summary,
      Tree tree,
      boolean reflink,
      List<Double> cuts,
      List<Double> copies,
      List<Double> seals)
      throws IOException {
    String key = "copy." + tree.name();
    if (reflink) {
      summary.add(
          Figure.of(key + ".reflink", "s", cuts)
              .against(new Samples(copies).median())
              .heldTo(Bar.ratioAtMost(2)));
      summary.skip(
          key + ".stream", "the file system shares blocks, so the provider never streams here");
    } else {
      Bar bar = Bar.ratioAtLeast(0.95);
      summary.add(
          Figure.of(key + ".stream", "MB/s", rates(tree.megabytes(), cuts))
              .against(new Samples(rates(tree.megabytes(), copies)).median())
              .heldTo(bar));
      summary.add(
          Figure.of(key + ".stream.files", "files/s", rates(tree.files(), cuts))
              .against(new Samples(rates(tree.files(), copies)).median())
              .heldTo(bar));
      summary.skip(key + ".reflink", "the file system of the build directory cannot share blocks");
    }
    summary.add(Figure.of(key + ".checksums", "MB/s", rates(tree.megabytes(), seals)));
  }

  private static List<Double> rates(double amount, List<Double> seconds) {
    return seconds.stream().map(s -> amount / s).toList();
  }

  private static void copyByProgram(Path data, Path copy, boolean reflink) throws Exception {
    run(
        List.of(
            "cp",
            "-r",
            reflink ? "--reflink=always" : "--reflink=never",
            data.toString(),
            copy.toString()));
    run(List.of("sync", "-f", copy.toString()));
  }

  private static FileListRef fill(Path data, DirectoryCatalog catalog, Tree tree)
      throws IOException {
    byte[] block = new byte[Math.min(tree.bytesPerFile(), 1 << 20)];
    Random random = new Random(tree.files());
    try (FileListWriter writer = catalog.fileLists().writer("backup", "rs0", 1)) {
      for (int i = 0; i < tree.files(); i++) {
        String file = "collection-%d.wt".formatted(i);
        random.nextBytes(block);
        try (OutputStream out = Files.newOutputStream(data.resolve(file))) {
          for (int written = 0; written < tree.bytesPerFile(); written += block.length) {
            out.write(block);
          }
        }
        writer.add(file, tree.bytesPerFile());
      }
      for (String file : REQUIRED) {
        Path path = data.resolve(file);
        Files.createDirectories(path.getParent());
        Files.write(path, new byte[REQUIRED_BYTES]);
        writer.add(file, REQUIRED_BYTES);
      }
      return writer.finish();
    }
  }

  private static NodeSettings settings(Path data, Path root) {
    return new NodeSettings(
        MEMBER,
        data,
        Path.of("/bin/false"),
        Optional.empty(),
        List.of(),
        List.of(),
        List.of(),
        Optional.empty(),
        root,
        PARALLEL_COPIES);
  }

  private static CutRequest request(int attempt, Path data, FileListRef list) {
    ClusterTime time = new ClusterTime(1, 1);
    return new CutRequest(
        SnapshotType.DIRECTORY,
        "bench",
        "backup",
        attempt + 1,
        new BackupCursor(
            "bench",
            "rs0",
            MEMBER,
            1,
            "session",
            "cursor",
            data.toString(),
            time,
            time,
            time,
            list),
        time,
        Map.of(),
        List.of());
  }

  /** How long it takes when nothing else is waiting to be written. */
  private static double durably(Path base, Step step) throws Exception {
    run(List.of("sync", "-f", base.toString()));
    return seconds(step);
  }

  private interface Step {
    void run() throws Exception;
  }

  private static double seconds(Step step) throws Exception {
    long start = System.nanoTime();
    step.run();
    return (System.nanoTime() - start) / 1e9;
  }

  private static void run(List<String> command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.INHERIT)
            .start();
    if (process.waitFor() != 0) {
      throw new IOException("%s ended with %d".formatted(command, process.exitValue()));
    }
  }
}
