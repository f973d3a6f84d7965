package io.stillpoint.cloud.gcp;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.stillpoint.cloud.Chunks;
import io.stillpoint.cloud.Inscription;
import io.stillpoint.cloud.SnapshotIdentity;
import io.stillpoint.model.SnapshotRef;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Names and labels in the few characters that Compute allows. */
final class GceNames {

  static final String LABEL = "stillpoint-";

  private static final int LABEL_LENGTH = 63;
  private static final int MOST_LABELS = 64;
  private static final int RADIX = 32;
  private static final String MANIFEST = LABEL + "m";

  private static final ObjectMapper JSON = new ObjectMapper();

  private GceNames() {}

  /** The same for the same identity, which includes the cursor; unique by its digest. */
  static String snapshot(SnapshotIdentity identity) {
    return "sp-%s-%s-%s"
        .formatted(
            slug(identity.backup(), 24),
            slug(identity.role(), 8),
            identity.digest().substring(0, 24));
  }

  /** Labels to find a snapshot by. They lose case and punctuation; the description does not. */
  static Map<String, String> labels(Map<String, String> facts) {
    Map<String, String> labels = new LinkedHashMap<>();
    for (String name : new String[] {"cluster", "backup", "attempt", "set", "member", "role"}) {
      if (facts.containsKey(name)) {
        labels.put(LABEL + name, value(facts.get(name)));
      }
    }
    return labels;
  }

  /** Facts as a description. */
  static String description(Map<String, String> facts) {
    try {
      return JSON.writeValueAsString(Map.of("stillpoint", facts));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a map of strings can always be written", e);
    }
  }

  /** Empty for descriptions that we did not write. */
  static Optional<Map<String, String>> facts(String description) {
    try {
      Map<String, Map<String, String>> read =
          JSON.readValue(description, new TypeReference<Map<String, Map<String, String>>>() {});
      return Optional.ofNullable(read.get("stillpoint"));
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  static String value(String text) {
    String plain = text.toLowerCase(Locale.ROOT).replaceAll("[^-_a-z0-9]", "_");
    return plain.length() <= LABEL_LENGTH ? plain : plain.substring(0, LABEL_LENGTH);
  }

  /** A label's key must begin with a letter. */
  static String key(String text) {
    String plain = value(text);
    return plain.isEmpty() || !Character.isLetter(plain.charAt(0)) ? value("l" + plain) : plain;
  }

  static String filter(Map<String, String> facts) {
    return labels(facts).entrySet().stream()
        .map(label -> "(labels.%s = \"%s\")".formatted(label.getKey(), label.getValue()))
        .collect(Collectors.joining(" AND "));
  }

  /** All labels of a snapshot that has these, with the manifest in pieces. */
  static Map<String, String> inscribed(
      SnapshotRef snapshot, Inscription inscription, Map<String, String> present) {
    Map<String, String> labels = new LinkedHashMap<>(present);
    labels.keySet().removeIf(GceNames::isPiece);
    labels.putAll(
        Chunks.of(
            snapshot,
            inscription,
            GceNames::letters,
            MANIFEST,
            LABEL_LENGTH,
            MOST_LABELS - labels.size()));
    return labels;
  }

  static Optional<Inscription> inscription(Map<String, String> labels) {
    try {
      String text = Chunks.join(labels, MANIFEST);
      byte[] marked = text.isEmpty() ? new byte[] {1} : new BigInteger(text, RADIX).toByteArray();
      return Inscription.read(Arrays.copyOfRange(marked, 1, marked.length));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static boolean isPiece(String label) {
    return label.matches(MANIFEST + "\\d\\d");
  }

  /** Only lower case is allowed. The leading one keeps leading zeros. */
  private static String letters(byte[] bytes) {
    byte[] marked = new byte[bytes.length + 1];
    marked[0] = 1;
    System.arraycopy(bytes, 0, marked, 1, bytes.length);
    return new BigInteger(1, marked).toString(RADIX);
  }

  private static String slug(String text, int length) {
    String plain = value(text).replace('_', '-');
    return plain.substring(0, Math.min(length, plain.length()));
  }
}
