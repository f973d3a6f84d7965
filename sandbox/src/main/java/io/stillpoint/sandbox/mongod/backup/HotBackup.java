package io.stillpoint.sandbox.mongod.backup;

import io.stillpoint.sandbox.mongod.storage.StorageEngine;
import io.stillpoint.sandbox.wire.CommandException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.CountDownLatch;

/** {@code createBackup}: the server copies its own files into a directory. */
final class HotBackup {
  private final Path dbPath;
  private final StorageEngine engine;
  private volatile CountDownLatch held = new CountDownLatch(0);

  HotBackup(Path dbPath, StorageEngine engine) {
    this.dbPath = dbPath;
    this.engine = engine;
  }

  /** Lets hot backups wait before they end, so that tests can meet a running one. */
  void hold(boolean on) {
    if (on) {
      held = new CountDownLatch(1);
    } else {
      held.countDown();
    }
  }

  /** Copies everything that a start on the target needs. */
  void run(Path target) throws InterruptedException {
    StorageEngine.Pin pin = engine.openBackup();
    try {
      for (Path file : pin.files()) {
        Path to = target.resolve(dbPath.relativize(file));
        Files.createDirectories(to.getParent());
        Files.copy(file, to, StandardCopyOption.REPLACE_EXISTING);
      }
      held.await();
    } catch (IOException e) {
      throw new CommandException(1, "InternalError", "cannot back up into " + target + ": " + e);
    } finally {
      engine.closeBackup();
    }
  }
}
