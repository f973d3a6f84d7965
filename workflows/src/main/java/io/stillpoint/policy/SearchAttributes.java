package io.stillpoint.policy;

import io.stillpoint.model.ClusterTime;
import io.temporal.common.SearchAttributeKey;
import io.temporal.workflow.Workflow;
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

  private SearchAttributes(boolean registered) {
    this.registered = registered;
  }

  /** Begins an operation: sets what stays the same. */
  public static SearchAttributes begin(boolean registered, String cluster, String backup) {
    SearchAttributes attributes =
        new SearchAttributes(Workflow.sideEffect(Boolean.class, () -> registered));
    if (attributes.registered) {
      Workflow.upsertTypedSearchAttributes(CLUSTER.valueSet(cluster), BACKUP.valueSet(backup));
    }
    return attributes;
  }

  /** Every change is an event of history, so phases only, never progress. */
  public void phase(String phase) {
    if (registered) {
      Workflow.upsertTypedSearchAttributes(PHASE.valueSet(phase));
    }
  }

  public void point(ClusterTime time) {
    if (registered) {
      Workflow.upsertTypedSearchAttributes(POINT.valueSet(time.toString()));
    }
  }
}
