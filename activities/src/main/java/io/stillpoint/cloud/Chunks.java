package io.stillpoint.cloud;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.SnapshotRef;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** A long text in many short values, as tags and labels are. */
public final class Chunks {

  private Chunks() {}

  /**
   * The first form of an inscription that fits, as values by name.
   *
   * @param prefix the names are it and two digits
   * @param length of one value
   * @param most how many there may be
   * @throws StillpointException SNAPSHOT_FAILED if none fits
   */
  public static Map<String, String> of(
      SnapshotRef snapshot,
      Inscription inscription,
      Function<byte[], String> alphabet,
      String prefix,
      int length,
      int most) {
    return fitting(alphabet.apply(inscription.bytes()), prefix, length, most)
        .or(() -> fitting(alphabet.apply(inscription.slim().bytes()), prefix, length, most))
        .orElseThrow(
            () ->
                new StillpointException(
                    ErrorCode.SNAPSHOT_FAILED,
                    "the manifest of set %s takes more than the %d tags that snapshot %s has left"
                        .formatted(snapshot.set(), most, snapshot.id()),
                    "give the backup fewer tags; the backup itself is complete"));
  }

  private static Optional<Map<String, String>> fitting(
      String text, String prefix, int length, int most) {
    Map<String, String> chunks = new LinkedHashMap<>();
    for (int from = 0; from < text.length(); from += length) {
      chunks.put(
          "%s%02d".formatted(prefix, chunks.size()),
          text.substring(from, Math.min(text.length(), from + length)));
    }
    return chunks.size() <= Math.min(most, 99) ? Optional.of(chunks) : Optional.empty();
  }

  /** The text that was cut up; empty if there is none. */
  public static String join(Map<String, String> values, String prefix) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; values.containsKey("%s%02d".formatted(prefix, i)); i++) {
      text.append(values.get("%s%02d".formatted(prefix, i)));
    }
    return text.toString();
  }
}
