package io.stillpoint.cli;

/** How data, progress and errors are written. */
public enum OutputFormat {
  text,
  json
}
