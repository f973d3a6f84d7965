package io.stillpoint.host;

import io.stillpoint.activity.NodeActivities.NodeReport;
import io.stillpoint.directory.DataPath;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.SnapshotType;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Looks at what a restore would work with on this host. Changes nothing. */
final class Inspection {

  private static final Pattern VERSION = Pattern.compile("db version v(\\S+)");

  private final NodeSettings settings;
  private final RestoreArea area;

  Inspection(NodeSettings settings, RestoreArea area) {
    this.settings = settings;
    this.area = area;
  }

  NodeReport report(
      Optional<ProcessHandle> running, String unfinishedRestore, List<SnapshotType> exchanged) {
    requireAble();
    DataPath data = new DataPath(area.dataPath());
    try {
      List<String> warnings = new ArrayList<>();
      for (Path link : data.links()) {
        warnings.add(
            "%s is a link to %s; the restored data goes into the data path itself"
                .formatted(link, Files.readSymbolicLink(link)));
      }
      if (settings.holdFile().isEmpty() && !settings.startCommand().isEmpty()) {
        warnings.add(
            "no hold-file is configured: if this host boots in the middle of a restore, its service"
                + " starts mongod on data that is half replaced");
      }
      if (unfinishedRestore.isEmpty()) {
        new StartHold(settings).leftover().ifPresent(warnings::add);
      }
      return new NodeReport(
          settings.address(),
          hostName(),
          area.dataPath().toString(),
          version(),
          running.isPresent(),
          Files.getFileStore(area.dataPath()).getUsableSpace(),
          data.bytes(),
          unfinishedRestore,
          MongodOptions.of(settings).storageOptions().toJson(),
          exchanged,
          warnings,
          running.map(new StartComparison(settings)::differences).orElse(List.of()),
          Optional.empty());
    } catch (IOException e) {
      throw RestoreArea.unusable(area.dataPath(), e);
    }
  }

  /**
   * Refuses before anything is changed what would fail afterwards.
   *
   * @throws StillpointException AGENT_REFUSED
   */
  void requireAble() {
    try {
      Path file = area.dataPath().resolve("WiredTiger");
      Object owner = Files.getAttribute(Files.exists(file) ? file : area.dataPath(), "unix:uid");
      Object self = Files.getAttribute(Path.of("/proc/self"), "unix:uid");
      if (!owner.equals(self)) {
        throw refused(
            "the data of %s belongs to user id %s, the node agent runs as %s"
                .formatted(settings.address(), owner, self),
            "run the node agent as the user that mongod runs as");
      }
    } catch (IOException | UnsupportedOperationException e) {
      throw refused(
          "owner of %s cannot be found out: %s".formatted(area.dataPath(), e),
          "run the node agent on Linux, as the user that mongod runs as");
    }
    MongodOptions options = MongodOptions.of(settings);
    boolean unknown = !settings.startCommand().isEmpty() && options.logPath().isEmpty();
    if (unknown || options.logsToSyslog()) {
      throw refused(
          "the log of %s is no file that is known, so the start of a restored member could not be proven"
              .formatted(settings.address()),
          "let the server log to a file, and set config-file or log-path of the member");
    }
    options
        .dbPath()
        .filter(path -> Files.exists(path) && !isSame(path))
        .ifPresent(
            path -> {
              throw refused(
                  "the server of %s is configured with data in %s, the node agent with %s"
                      .formatted(settings.address(), path, area.dataPath()),
                  "correct data-path in the node agent's configuration");
            });
  }

  private boolean isSame(Path path) {
    try {
      return Files.isSameFile(path, area.dataPath());
    } catch (IOException e) {
      throw RestoreArea.unusable(path, e);
    }
  }

  private String version() {
    try {
      String output = HostCommand.outputOf(List.of(settings.mongod().toString(), "--version"));
      Matcher matcher = VERSION.matcher(output);
      if (matcher.find()) {
        return matcher.group(1);
      }
      throw refused(
          "%s --version printed no version but '%s'"
              .formatted(settings.mongod(), output.strip().lines().findFirst().orElse("")),
          "correct mongod in the node agent's configuration");
    } catch (IOException e) {
      throw refused(
          "%s cannot be run: %s".formatted(settings.mongod(), e.getMessage()),
          "correct mongod in the node agent's configuration");
    }
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "localhost";
    }
  }

  private static StillpointException refused(String message, String hint) {
    return new StillpointException(ErrorCode.AGENT_REFUSED, message, hint);
  }
}
