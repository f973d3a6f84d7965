package io.stillpoint.policy;

import io.stillpoint.model.ClusterTime;
import io.temporal.common.SearchAttributeKey;
import io.temporal.common.SearchAttributeUpdate;
import io.temporal.workflow.Workflow;
import java.util.ArrayList;
import java.util.List;

/**
 * The search attributes of our operations. A server on which they are not registered fails every
 * task that sets one, so the worker says whether they are; the answer is recorded in the history.
 */
public final class SearchAttributes {

  public static final SearchAttributeKey<String> CLUSTER =
      SearchAttributeKey.forKeyword("StillpointCluster");
  public static final SearchAttributeKey<String> BACKUP =
      SearchAttributeKey.forKeyword("StillpointBackup");
  public static final SearchAttributeKey<String> PHASE =
      SearchAttributeKey.forKeyword("StillpointPhase");
  public static final SearchAttributeKey<String> POINT =
      SearchAttributeKey.forKeyword("StillpointPoint");

  /** All that must be registered, each of type Keyword. */
  public static List<String> names() {
    return List.of(CLUSTER.getName(), BACKUP.getName(), PHASE.getName(), POINT.getName());
  }

  private final boolean registered;
  private final boolean sparing;
  private final List<SearchAttributeUpdate<?>> pending = new ArrayList<>();

  private SearchAttributes(boolean registered, boolean sparing) {
    this.registered = registered;
    this.sparing = sparing;
  }

  /** Begins an operation of a build before {@link ShortHistory}: each change is told at once. */
  public static SearchAttributes begin(boolean registered, String cluster, String backup) {
    SearchAttributes attributes =
        new SearchAttributes(Workflow.sideEffect(Boolean.class, () -> registered), false);
    attributes.change(CLUSTER.valueSet(cluster));
    attributes.change(BACKUP.valueSet(backup));
    attributes.tell();
    return attributes;
  }

  /**
   * Begins an operation: what stays the same is told with its first phase.
   *
   * @param registered as the history has it
   */
  public static SearchAttributes sparing(boolean registered, String cluster, String backup) {
    SearchAttributes attributes = new SearchAttributes(registered, true);
    attributes.change(CLUSTER.valueSet(cluster));
    attributes.change(BACKUP.valueSet(backup));
    return attributes;
  }

  /**
   * Every telling is an event of history, so phases only, never progress.
   *
   * @param brief it passes by itself within moments, so that nobody can look for it
   */
  public void phase(String phase, boolean brief) {
    if (!brief || !sparing) {
      change(PHASE.valueSet(phase));
      tell();
    }
  }

  /** Told with the next phase. */
  public void point(ClusterTime time) {
    change(POINT.valueSet(time.toString()));
    if (!sparing) {
      tell();
    }
  }

  private void change(SearchAttributeUpdate<?> update) {
    pending.add(update);
  }

  private void tell() {
    if (registered) {
      Workflow.upsertTypedSearchAttributes(pending.toArray(SearchAttributeUpdate<?>[]::new));
    }
    pending.clear();
  }
}
