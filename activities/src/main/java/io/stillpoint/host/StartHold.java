package io.stillpoint.host;

import io.stillpoint.directory.DataPath;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.storage.DurableFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A file that is there exactly while a restore keeps a member stopped. Whatever starts mongod on
 * this host by itself, when it boots for one, must not do so while the file exists: the data may be
 * half moved, or not yet recovered. It is durable before the server is stopped, and is deleted
 * before the agent starts the server again.
 */
final class StartHold {

  private final Optional<Path> file;
  private final Path dataPath;

  StartHold(NodeSettings settings) {
    this.file = settings.holdFile();
    this.dataPath = settings.dataPath();
  }

  /**
   * Refuses what could not hold when it is needed.
   *
   * @param exchanged the volumes below the data path are exchanged, and everything on them
   * @throws StillpointException AGENT_REFUSED
   */
  void requireUsable(boolean exchanged) {
    if (file.isEmpty()) {
      return;
    }
    Path restores = dataPath.resolve(DataPath.RESTORES);
    boolean moved = file.get().startsWith(dataPath) && !file.get().startsWith(restores);
    if (moved || exchanged && file.get().startsWith(dataPath)) {
      throw refused(
          "hold file %s lies in the data path %s, which a restore replaces"
              .formatted(file.get(), dataPath),
          "set hold-file to a path that stays, such as /var/lib/stillpoint-node/mongod.hold");
    }
    Path directory = file.get().getParent();
    if (!file.get().startsWith(restores) && !Files.isWritable(directory)) {
      throw refused(
          "hold file %s cannot be written: %s"
              .formatted(
                  file.get(),
                  Files.isDirectory(directory)
                      ? directory + " is not writable for the node agent"
                      : directory + " is no directory"),
          "make %s for the node agent's user, or correct hold-file".formatted(directory));
    }
  }

  /** What its holder would be told; empty unless the file is there. */
  Optional<String> leftover() {
    return file.filter(Files::exists)
        .map(
            f ->
                "%s keeps its server from being started, but no restore holds it: rm %s"
                    .formatted(f, f));
  }

  /** May be repeated. */
  void place(String restore, String member) {
    if (file.isEmpty()) {
      return;
    }
    String text =
        """
        Restore %s has stopped the member %s and will start it again: its data in
        %s may be half replaced, so do not start mongod on it by hand.
        See: stillpoint describe-restore %s. If that restore is over: stillpoint recover --cluster NAME
        """
            .formatted(restore, member, dataPath, restore);
    try {
      Files.createDirectories(file.get().getParent());
      if (Files.exists(file.get()) && Files.readString(file.get()).equals(text)) {
        // An undo stops servers again, and must not need space for what it finds.
        return;
      }
      DurableFiles.replace(file.get(), text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw RestoreArea.unusable(file.get(), e);
    }
  }

  /** May be repeated. */
  void lift() {
    if (file.isEmpty()) {
      return;
    }
    try {
      if (Files.deleteIfExists(file.get())) {
        DurableFiles.syncDirectory(file.get().getParent());
      }
    } catch (IOException e) {
      throw RestoreArea.unusable(file.get(), e);
    }
  }

  private static StillpointException refused(String message, String hint) {
    return new StillpointException(ErrorCode.AGENT_REFUSED, message, hint);
  }
}
