package io.stillpoint.retention;

import io.stillpoint.model.CatalogEntry;
import java.util.List;

/**
 * What is to become of one backup, and why.
 *
 * @param reasons every rule that keeps it, or the one reason why it goes
 */
public record RetentionDecision(CatalogEntry entry, boolean keep, List<String> reasons) {
  public RetentionDecision {
    reasons = List.copyOf(reasons);
  }
}
