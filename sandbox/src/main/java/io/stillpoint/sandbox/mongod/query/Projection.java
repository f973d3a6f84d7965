package io.stillpoint.sandbox.mongod.query;

import java.util.Map;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonValue;

/** Inclusion, exclusion and computed fields of {@code projection} and {@code $project}. */
public final class Projection {
  private final BsonDocument spec;
  private final boolean exclusion;

  private Projection(BsonDocument spec) {
    this.spec = spec;
    this.exclusion =
        !spec.isEmpty()
            && spec.entrySet().stream()
                .allMatch(e -> isFlag(e.getValue()) && !Expression.isTrue(e.getValue()));
  }

  public static Projection parse(BsonDocument spec) {
    return new Projection(spec);
  }

  private static boolean isFlag(BsonValue value) {
    return value.isBoolean() || value.isNumber();
  }

  public BsonDocument apply(BsonDocument document) {
    if (spec.isEmpty()) {
      return document;
    }
    if (exclusion) {
      BsonDocument result = Documents.copy(document);
      spec.keySet().forEach(path -> Update.unset(result, path));
      return result;
    }
    BsonDocument result = new BsonDocument();
    BsonValue idFlag = spec.get("_id");
    if (document.containsKey("_id") && (idFlag == null || Expression.isTrue(idFlag))) {
      result.append("_id", document.get("_id"));
    }
    for (Map.Entry<String, BsonValue> entry : spec.entrySet()) {
      String path = entry.getKey();
      if (isFlag(entry.getValue())) {
        if (!path.equals("_id") && Expression.isTrue(entry.getValue())) {
          include(document, path, result);
        }
        continue;
      }
      BsonValue value = Expression.eval(entry.getValue(), document);
      if (value != null) {
        Update.set(result, path, value);
      }
    }
    return result;
  }

  private static void include(BsonDocument from, String path, BsonDocument to) {
    int dot = path.indexOf('.');
    String head = dot < 0 ? path : path.substring(0, dot);
    BsonValue value = from.get(head);
    if (value == null) {
      return;
    }
    if (dot < 0) {
      to.put(head, value);
      return;
    }
    String rest = path.substring(dot + 1);
    if (value instanceof BsonDocument nested) {
      BsonDocument target = to.getDocument(head, new BsonDocument());
      include(nested, rest, target);
      to.put(head, target);
    } else if (value instanceof BsonArray array) {
      BsonArray target = new BsonArray();
      for (BsonValue element : array) {
        if (element instanceof BsonDocument nested) {
          BsonDocument part = new BsonDocument();
          include(nested, rest, part);
          target.add(part);
        }
      }
      to.put(head, target);
    }
  }
}
