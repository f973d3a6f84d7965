package io.stillpoint.sandbox.contract;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** A server's version, to ask whether it has a change that was made in several release lines. */
record ServerVersion(int major, int minor, int patch) implements Comparable<ServerVersion> {

  static ServerVersion parse(String text) {
    List<Integer> parts =
        Arrays.stream(text.split("-")[0].split("\\.")).map(Integer::parseInt).toList();
    return new ServerVersion(parts.get(0), parts.get(1), parts.size() > 2 ? parts.get(2) : 0);
  }

  /**
   * @param firsts the first release with the change of each line, in ascending order; every line
   *     after the last one has it
   */
  boolean has(String... firsts) {
    List<ServerVersion> all = Arrays.stream(firsts).map(ServerVersion::parse).toList();
    Optional<ServerVersion> sameLine =
        all.stream().filter(first -> first.major == major && first.minor == minor).findFirst();
    return sameLine
        .map(first -> compareTo(first) >= 0)
        .orElseGet(() -> compareTo(all.get(all.size() - 1)) >= 0);
  }

  @Override
  public int compareTo(ServerVersion other) {
    int result = Integer.compare(major, other.major);
    result = result != 0 ? result : Integer.compare(minor, other.minor);
    return result != 0 ? result : Integer.compare(patch, other.patch);
  }

  @Override
  public String toString() {
    return major + "." + minor + "." + patch;
  }
}
