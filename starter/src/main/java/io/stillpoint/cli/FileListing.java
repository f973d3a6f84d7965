package io.stillpoint.cli;

import io.stillpoint.backup.BackupDescription;
import io.stillpoint.client.StillpointClient;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.Manifest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Prints which files belong to a backup: of one set as bare paths, of all with their member. */
final class FileListing {
  private FileListing() {}

  /** One member's files. */
  private record Source(String set, String member, String dbPath) {}

  static void print(
      Printer printer, StillpointClient client, BackupDescription backup, Optional<String> set) {
    print(
        printer,
        client,
        backup.backup(),
        backup.sets().stream().map(s -> new Source(s.set(), s.member(), s.dbPath())).toList(),
        set);
  }

  static void print(
      Printer printer, StillpointClient client, Manifest backup, Optional<String> set) {
    print(
        printer,
        client,
        backup.backup(),
        backup.sets().stream().map(s -> new Source(s.set(), s.member(), s.dbPath())).toList(),
        set);
  }

  private static void print(
      Printer printer,
      StillpointClient client,
      String backup,
      List<Source> sources,
      Optional<String> set) {
    List<Source> wanted =
        sources.stream().filter(s -> set.isEmpty() || set.get().equals(s.set())).toList();
    if (wanted.isEmpty()) {
      throw new StillpointException(
          ErrorCode.BAD_INPUT,
          "backup '%s' has no files of %s"
              .formatted(backup, set.map(s -> "set '%s'".formatted(s)).orElse("any set yet")),
          "see its sets with: stillpoint describe-backup " + backup);
    }
    List<Map<String, Object>> json = new ArrayList<>();
    List<String> text = new ArrayList<>();
    for (Source source : wanted) {
      List<String> files = client.files(backup, source.set());
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("set", source.set());
      entry.put("member", source.member());
      entry.put("dbPath", source.dbPath());
      entry.put("files", files);
      json.add(entry);
      for (String file : files) {
        text.add(
            set.isPresent() ? file : "%s\t%s/%s".formatted(source.member(), source.dbPath(), file));
      }
    }
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("backup", backup);
    document.put("sets", json);
    printer.data(document, text);
  }
}
