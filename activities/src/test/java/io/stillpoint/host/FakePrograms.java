package io.stillpoint.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** Shell scripts that behave like a server's process, as far as an agent can see from outside. */
final class FakePrograms {

  private FakePrograms() {}

  /** Holds mongod.lock until SIGTERM, which it obeys like a server. */
  static Path mongod(Path directory) throws IOException {
    return script(
        directory,
        "mongod",
        """
        case "$1" in --version) echo "db version v4.4.6-8"; exit 0;; esac
        echo "$@" >> "${0%/*}/arguments"
        while [ $# -gt 0 ]; do
          case "$1" in --dbpath) DB=$2; shift;; --logpath) LOG=$2; shift;; esac; shift
        done
        trap ': > "$DB/mongod.lock"; exit 0' TERM
        echo $$ > "$DB/mongod.lock"
        [ -z "$LOG" ] || echo '{"t":{"$date":"2026-11-22T10:15:00.000+00:00"},"s":"I","id":4615611}' >> "$LOG"
        while :; do sleep 0.05; done
        """);
  }

  /**
   * Opens its storage for as long as there is a file {@code opening} beside it, and only then
   * writes its number into mongod.lock, as a real server does.
   */
  static Path slowlyOpening(Path directory) throws IOException {
    return waitingForFiles(
        directory,
        """
        trap ': > "$DB/mongod.lock"; exit 0' TERM
        : >> "$DB/mongod.lock"
        while [ -e "$HOME/opening" ]; do sleep 0.05; done
        echo $$ > "$DB/mongod.lock"
        while :; do sleep 0.05; done
        """);
  }

  /** Obeys SIGTERM, but shuts down for as long as there is a file {@code stopping} beside it. */
  static Path slowlyStopping(Path directory) throws IOException {
    return waitingForFiles(
        directory,
        """
        trap 'while [ -e "$HOME/stopping" ]; do sleep 0.05; done; : > "$DB/mongod.lock"; exit 0' TERM
        echo $$ > "$DB/mongod.lock"
        while :; do sleep 0.05; done
        """);
  }

  /**
   * @param body finds its data path in {@code DB}, and the files that it waits for in {@code HOME}
   */
  private static Path waitingForFiles(Path directory, String body) throws IOException {
    return script(
        directory,
        "mongod",
        """
        echo "$@" >> "${0%/*}/arguments"
        HOME=${0%/*}
        while [ $# -gt 0 ]; do
          case "$1" in --dbpath) DB=$2; shift;; esac; shift
        done
        """
            + body);
  }

  /** Logs a fatal line and ends. */
  static Path dying(Path directory) throws IOException {
    return script(
        directory,
        "mongod",
        """
        while [ $# -gt 0 ]; do case "$1" in --logpath) LOG=$2; shift;; esac; shift; done
        echo '{"t":{"$date":"2026-11-22T10:15:00.000+00:00"},"s":"F","id":50944,"msg":"corrupt"}' >> "$LOG"
        exit 14
        """);
  }

  /** Holds mongod.lock and does not obey SIGTERM. */
  static Path stubborn(Path directory) throws IOException {
    return script(
        directory,
        "mongod",
        """
        while [ $# -gt 0 ]; do case "$1" in --dbpath) DB=$2; shift;; esac; shift; done
        trap '' TERM
        echo $$ > "$DB/mongod.lock"
        while :; do sleep 0.05; done
        """);
  }

  static Path script(Path directory, String name, String body) throws IOException {
    Path file = Files.createDirectories(directory).resolve(name);
    Files.writeString(file, "#!/bin/sh\n" + body);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    return file;
  }
}
