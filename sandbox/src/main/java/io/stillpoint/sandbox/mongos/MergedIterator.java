package io.stillpoint.sandbox.mongos;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.bson.BsonDocument;

/** Merges sorted streams of documents into one. */
final class MergedIterator implements Iterator<BsonDocument> {
  private final List<Iterator<BsonDocument>> sources;
  private final List<BsonDocument> heads = new ArrayList<>();
  private final Comparator<BsonDocument> order;

  MergedIterator(List<Iterator<BsonDocument>> sources, Comparator<BsonDocument> order) {
    this.sources = sources;
    this.order = order;
    sources.forEach(source -> heads.add(null));
  }

  @Override
  public boolean hasNext() {
    return lowest() >= 0;
  }

  @Override
  public BsonDocument next() {
    int from = lowest();
    if (from < 0) {
      throw new NoSuchElementException();
    }
    return heads.set(from, null);
  }

  private int lowest() {
    int lowest = -1;
    for (int i = 0; i < heads.size(); i++) {
      if (heads.get(i) == null && sources.get(i).hasNext()) {
        heads.set(i, sources.get(i).next());
      }
      BsonDocument head = heads.get(i);
      if (head != null && (lowest < 0 || order.compare(head, heads.get(lowest)) < 0)) {
        lowest = i;
      }
    }
    return lowest;
  }
}
