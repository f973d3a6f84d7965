package io.stillpoint.sandbox.query;

import java.util.List;
import java.util.Map;
import org.bson.BsonArray;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonNull;
import org.bson.BsonValue;

/**
 * The {@code o} field of an oplog entry with {@code op: "u"}: a whole document, {@code {$v: 1,
 * $set, $unset}} up to 4.4, or {@code {$v: 2, diff}} from 5.0. In a diff {@code i} are inserted,
 * {@code u} updated, {@code d} deleted fields, and {@code s<name>} is a diff of the embedded
 * document or array {@code name}; the diff of an array has {@code a: true}, its new length in
 * {@code l}, and elements as {@code u<index>} and {@code s<index>}.
 */
public final class OplogUpdate {
  private static final String VERSION = "$v";

  private OplogUpdate() {}

  /** The document after the entry; the given one is not changed. */
  public static BsonDocument apply(BsonDocument before, BsonDocument entry) {
    if (entry.containsKey("diff") && entry.containsKey(VERSION)) {
      return document(before, entry.getDocument("diff"));
    }
    if (entry.containsKey("$set") || entry.containsKey("$unset")) {
      BsonDocument after = before.clone();
      entry
          .getDocument("$unset", new BsonDocument())
          .keySet()
          .forEach(path -> Paths.unset(after, path));
      entry
          .getDocument("$set", new BsonDocument())
          .forEach((path, value) -> Paths.set(after, path, value));
      return after;
    }
    BsonDocument replacement = entry.clone();
    replacement.remove(VERSION);
    return replacement;
  }

  /** As servers up to 4.4 write it; only top-level fields are told apart. */
  public static BsonDocument version1(BsonDocument before, BsonDocument after) {
    BsonDocument set = new BsonDocument();
    BsonDocument unset = new BsonDocument();
    for (Map.Entry<String, BsonValue> field : after.entrySet()) {
      if (!field.getValue().equals(before.get(field.getKey()))) {
        set.put(field.getKey(), field.getValue());
      }
    }
    for (String name : before.keySet()) {
      if (!after.containsKey(name)) {
        unset.put(name, BsonBoolean.TRUE);
      }
    }
    BsonDocument entry = new BsonDocument(VERSION, new BsonInt32(1));
    if (!unset.isEmpty()) {
      entry.put("$unset", unset);
    }
    if (!set.isEmpty()) {
      entry.put("$set", set);
    }
    return entry;
  }

  /** As servers from 5.0 write it. */
  public static BsonDocument version2(BsonDocument before, BsonDocument after) {
    return new BsonDocument(VERSION, new BsonInt32(2)).append("diff", diff(before, after));
  }

  private static BsonDocument diff(BsonDocument before, BsonDocument after) {
    BsonDocument deleted = new BsonDocument();
    BsonDocument updated = new BsonDocument();
    BsonDocument inserted = new BsonDocument();
    BsonDocument nested = new BsonDocument();
    for (String name : before.keySet()) {
      if (!after.containsKey(name)) {
        deleted.put(name, BsonBoolean.FALSE);
      }
    }
    for (Map.Entry<String, BsonValue> field : after.entrySet()) {
      BsonValue old = before.get(field.getKey());
      if (old == null) {
        inserted.put(field.getKey(), field.getValue());
      } else if (old.isDocument()
          && field.getValue().isDocument()
          && !old.equals(field.getValue())) {
        nested.put("s" + field.getKey(), diff(old.asDocument(), field.getValue().asDocument()));
      } else if (!old.equals(field.getValue())) {
        updated.put(field.getKey(), field.getValue());
      }
    }
    BsonDocument diff = new BsonDocument();
    putUnlessEmpty(diff, "d", deleted);
    putUnlessEmpty(diff, "u", updated);
    putUnlessEmpty(diff, "i", inserted);
    diff.putAll(nested);
    return diff;
  }

  private static void putUnlessEmpty(BsonDocument diff, String key, BsonDocument fields) {
    if (!fields.isEmpty()) {
      diff.put(key, fields);
    }
  }

  private static BsonDocument document(BsonDocument before, BsonDocument diff) {
    BsonDocument after = before.clone();
    diff.getDocument("d", new BsonDocument()).keySet().forEach(after::remove);
    for (String section : List.of("u", "i")) {
      after.putAll(diff.getDocument(section, new BsonDocument()));
    }
    for (Map.Entry<String, BsonValue> entry : diff.entrySet()) {
      if (entry.getKey().startsWith("s")) {
        String name = entry.getKey().substring(1);
        after.put(name, nested(after.get(name), entry.getValue().asDocument()));
      }
    }
    return after;
  }

  private static BsonValue nested(BsonValue before, BsonDocument diff) {
    if (!diff.containsKey("a")) {
      return document(before.asDocument(), diff);
    }
    BsonArray after = before.asArray().clone();
    if (diff.containsKey("l")) {
      resize(after, diff.getNumber("l").intValue());
    }
    for (Map.Entry<String, BsonValue> entry : diff.entrySet()) {
      String key = entry.getKey();
      if (key.length() > 1 && (key.startsWith("u") || key.startsWith("s"))) {
        int index = Integer.parseInt(key.substring(1));
        resize(after, Math.max(after.size(), index + 1));
        BsonValue value =
            key.startsWith("u")
                ? entry.getValue()
                : nested(after.get(index), entry.getValue().asDocument());
        after.set(index, value);
      }
    }
    return after;
  }

  private static void resize(BsonArray array, int size) {
    while (array.size() > size) {
      array.remove(array.size() - 1);
    }
    while (array.size() < size) {
      array.add(BsonNull.VALUE);
    }
  }
}
