package io.stillpoint.payload;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/**
 * The keys of payloads: the first one encrypts, every one decrypts. To rotate, put a new key first
 * and keep the old ones for as long as Temporal keeps histories.
 *
 * <p>Written as {@code ID:KEY}, one per line or with commas; KEY is 32 bytes in Base64. Empty lines
 * and those that begin with {@code #} are left out. An id is stored with each payload, so it must
 * never be given to another key.
 */
public final class PayloadKeys {
  /** Names a file of keys; the worker's file says the same as temporal.payload-key-file. */
  public static final String FILE_VARIABLE = "STILLPOINT_TEMPORAL_PAYLOAD_KEY_FILE";

  /** Holds the keys themselves. */
  public static final String KEYS_VARIABLE = "STILLPOINT_TEMPORAL_PAYLOAD_KEYS";

  private static final int KEY_BYTES = 32;
  private static final Pattern LINE = Pattern.compile("([A-Za-z0-9][A-Za-z0-9._-]{0,62})\\s*:(.*)");
  private static final String EXAMPLE =
      "make one with: echo \"2026-11:$(openssl rand -base64 32)\" > FILE";

  private final Map<String, SecretKey> keys;

  private PayloadKeys(Map<String, SecretKey> keys) {
    this.keys = keys;
  }

  /** Payloads are stored as they are. */
  public static PayloadKeys none() {
    return new PayloadKeys(Map.of());
  }

  /**
   * @return {@link #none()} if neither is given
   * @throws StillpointException CONFIGURATION_INVALID; its message never quotes a key
   */
  public static PayloadKeys load(Optional<String> file, Optional<String> text) {
    if (file.isPresent() && text.isPresent()) {
      throw invalid(
          "the payload keys are given twice, as a file and as text", "give one of the two", null);
    }
    return file.map(PayloadKeys::read)
        .or(() -> text.map(t -> parse(t, KEYS_VARIABLE)))
        .orElseGet(PayloadKeys::none);
  }

  /** As {@link #load}, from the variables that workers know too. */
  public static PayloadKeys fromEnvironment(Map<String, String> environment) {
    return load(value(environment, FILE_VARIABLE), value(environment, KEYS_VARIABLE));
  }

  private static Optional<String> value(Map<String, String> environment, String name) {
    return Optional.ofNullable(environment.get(name)).map(String::strip).filter(v -> !v.isEmpty());
  }

  private static PayloadKeys read(String file) {
    try {
      return parse(Files.readString(Path.of(file)), file);
    } catch (IOException e) {
      throw invalid(
          "the file of payload keys %s cannot be read (%s)"
              .formatted(file, e.getClass().getSimpleName()),
          "correct %s, or its permissions".formatted(FILE_VARIABLE),
          e);
    }
  }

  /**
   * @param source named in messages
   */
  static PayloadKeys parse(String text, String source) {
    Map<String, SecretKey> keys = new LinkedHashMap<>();
    String[] lines = text.split("[\\n,]");
    for (int i = 0; i < lines.length; i++) {
      String line = lines[i].strip();
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      String where = "entry %d of %s".formatted(i + 1, source);
      Matcher matcher = LINE.matcher(line);
      if (!matcher.matches()) {
        throw invalid(where + " is not of the form ID:KEY", EXAMPLE, null);
      }
      if (keys.put(matcher.group(1), key(matcher.group(2).strip(), where)) != null) {
        throw invalid(
            "%s names the id '%s' a second time".formatted(where, matcher.group(1)),
            "give every key its own id",
            null);
      }
    }
    if (keys.isEmpty()) {
      throw invalid(source + " holds no payload key", EXAMPLE, null);
    }
    return new PayloadKeys(keys);
  }

  private static SecretKey key(String base64, String where) {
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      // Not as the cause: the decoder's message quotes characters of the key.
      throw invalid(where + " has a key that is not Base64", EXAMPLE, null);
    }
    if (bytes.length != KEY_BYTES) {
      throw invalid(
          "%s has a key of %d bytes, but it must have %d".formatted(where, bytes.length, KEY_BYTES),
          EXAMPLE,
          null);
    }
    return new SecretKeySpec(bytes, "AES");
  }

  private static StillpointException invalid(String message, String hint, Exception cause) {
    return new StillpointException(ErrorCode.CONFIGURATION_INVALID, message, hint, cause);
  }

  public boolean isEmpty() {
    return keys.isEmpty();
  }

  /** The id of the key that encrypts; there must be one. */
  String activeId() {
    return keys.keySet().iterator().next();
  }

  Optional<SecretKey> find(String id) {
    return Optional.ofNullable(keys.get(id));
  }

  /** The ids, never the keys. */
  @Override
  public String toString() {
    return keys.keySet().toString();
  }
}
