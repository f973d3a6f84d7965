package io.stillpoint.host;

import java.util.List;

/**
 * How far a server's log was written at some moment. It is told by files and lengths, because the
 * clock of a host may be set back at any time.
 *
 * @param file identity of the file that the server wrote to, which it keeps when it is renamed;
 *     empty if there was none
 * @param length of that file in bytes
 * @param rotated names of the older parts
 */
public record LogMark(String file, long length, List<String> rotated) {
  public LogMark {
    rotated = List.copyOf(rotated);
  }
}
