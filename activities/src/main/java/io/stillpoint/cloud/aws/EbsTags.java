package io.stillpoint.cloud.aws;

import io.stillpoint.cloud.Chunks;
import io.stillpoint.cloud.Inscription;
import io.stillpoint.cloud.SnapshotIdentity;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.SnapshotRef;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.services.ec2.model.Filter;
import software.amazon.awssdk.services.ec2.model.ResourceType;
import software.amazon.awssdk.services.ec2.model.Tag;
import software.amazon.awssdk.services.ec2.model.TagSpecification;

/** Our tags on EC2 resources. They are put on by the call that creates, so nothing is untagged. */
final class EbsTags {

  static final String PREFIX = "stillpoint:";

  /** Tells the snapshots of one call from those of another with the same identity. */
  static final String CALL = PREFIX + "call";

  /** On a copy: what it was made of, in another region. */
  static final String COPY_OF_FACT = "copy-of";

  static final String COPY_OF = PREFIX + COPY_OF_FACT;

  /** On a copy, of which the API no longer tells the volume. */
  static final String VOLUME = PREFIX + "volume";

  /** On a restore's volume: what it was made for. */
  static final String USE = PREFIX + "use";

  /** On a restore's volume: a later one took its place, and its data was given up. */
  static final String REPLACED = PREFIX + "replaced";

  static final String RESTORE = PREFIX + "restore";

  private static final String ROLE = PREFIX + "role:";

  private static final int MOST = 50;
  private static final int LONGEST_VALUE = 256;
  private static final String MANIFEST = PREFIX + "m";

  private EbsTags() {}

  /**
   * Tags for all snapshots of one call. The cloud puts the same tags on each of them, so the roles
   * stand there for every volume of the call.
   */
  static Map<String, String> of(Collection<SnapshotIdentity> call) {
    Map<String, String> tags = new LinkedHashMap<>();
    shared(call.iterator().next()).forEach((name, value) -> tags.put(PREFIX + name, value));
    call.forEach(identity -> tags.put(ROLE + identity.volume(), identity.role()));
    return tags;
  }

  /** The facts that all snapshots of one call have in common. */
  static Map<String, String> shared(SnapshotIdentity identity) {
    Map<String, String> facts = identity.facts();
    facts.remove("role");
    facts.remove("volume");
    return facts;
  }

  /** Adds the user's own. Errors: BAD_INPUT for reserved names or too many. */
  static void addOwn(Map<String, String> tags, Map<String, String> own) {
    own.forEach(
        (key, value) -> {
          if (key.startsWith("aws:") || key.startsWith(PREFIX) || key.length() > 128) {
            throw new StillpointException(
                ErrorCode.BAD_INPUT,
                "tag '%s' is reserved or longer than 128 characters".formatted(key),
                "choose another name for the tag");
          }
          tags.put(key, value);
        });
    if (tags.size() > MOST) {
      throw new StillpointException(
          ErrorCode.BAD_INPUT,
          "%d tags are more than the %d that EC2 allows, ours included"
              .formatted(tags.size(), MOST),
          "give the backup fewer tags");
    }
  }

  /** The tags to add to a snapshot that has these; the manifest in pieces. */
  static List<Tag> inscription(
      SnapshotRef snapshot, Inscription inscription, Map<String, String> present) {
    long others = present.keySet().stream().filter(key -> !isPiece(key)).count();
    return Chunks.of(
            snapshot,
            inscription,
            Base64.getUrlEncoder().withoutPadding()::encodeToString,
            MANIFEST,
            LONGEST_VALUE,
            MOST - (int) others)
        .entrySet()
        .stream()
        .map(e -> Tag.builder().key(e.getKey()).value(e.getValue()).build())
        .toList();
  }

  /** A tag that holds a part of the manifest. */
  static boolean isPiece(String tag) {
    return tag.matches(MANIFEST + "\\d\\d");
  }

  static Optional<Inscription> inscription(Map<String, String> tags) {
    try {
      return Inscription.read(Base64.getUrlDecoder().decode(Chunks.join(tags, MANIFEST)));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  static TagSpecification specification(ResourceType type, Map<String, String> tags) {
    return TagSpecification.builder()
        .resourceType(type)
        .tags(
            tags.entrySet().stream()
                .map(e -> Tag.builder().key(e.getKey()).value(e.getValue()).build())
                .toList())
        .build();
  }

  static Map<String, String> map(List<Tag> tags) {
    Map<String, String> map = new HashMap<>();
    tags.forEach(tag -> map.put(tag.key(), tag.value()));
    return map;
  }

  /** Reads the identity of one volume's snapshot; empty if it is not ours. */
  static Optional<SnapshotIdentity> identity(Map<String, String> tags, String apiVolume) {
    String volume = tags.containsKey(COPY_OF) ? tags.getOrDefault(VOLUME, "") : apiVolume;
    Map<String, String> facts = new HashMap<>();
    tags.forEach(
        (key, value) -> {
          if (key.startsWith(PREFIX)) {
            facts.put(key.substring(PREFIX.length()), value);
          }
        });
    facts.put("volume", volume);
    facts.put("role", tags.getOrDefault(ROLE + volume, SnapshotIdentity.UNPLANNED));
    return SnapshotIdentity.of(facts);
  }

  /** Filters for things that carry all of these facts. */
  static List<Filter> filters(Map<String, String> facts) {
    List<Filter> filters = new ArrayList<>();
    facts.forEach(
        (name, value) ->
            filters.add(Filter.builder().name("tag:" + PREFIX + name).values(value).build()));
    return filters;
  }
}
