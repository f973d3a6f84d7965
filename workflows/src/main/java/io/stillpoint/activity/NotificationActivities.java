package io.stillpoint.activity;

import io.stillpoint.model.ClusterTime;
import io.stillpoint.model.SnapshotType;
import io.temporal.activity.ActivityInterface;
import io.temporal.activity.ActivityMethod;
import java.util.List;
import java.util.Optional;

/** Tells the outside what a backup does. Nothing ever depends on the answer. */
@ActivityInterface(namePrefix = "Notification")
public interface NotificationActivities {

  /**
   * What a webhook receives, as JSON.
   *
   * @param id the same for every repetition of the same notice
   * @param event started, ready-to-copy, completed, failed or cancelled
   * @param workflowId for Temporal's UI
   * @param failure code and message, empty unless it failed or was cancelled
   * @param sets what is copied, at most 200 of them; empty before that is planned
   */
  record Notice(
      String id,
      String event,
      String cluster,
      String backup,
      SnapshotType type,
      String workflowId,
      Optional<ClusterTime> consistentPoint,
      String failure,
      List<NoticeSet> sets) {
    public Notice {
      sets = List.copyOf(sets);
    }
  }

  /** One replica set of a {@link Notice}. */
  record NoticeSet(String set, String member, String dbPath) {}

  /**
   * Sends the notice to one configured webhook; it may arrive more than once.
   *
   * <p>Errors: WEBHOOK_FAILED, WEBHOOK_REFUSED, CONFIGURATION_INVALID.
   *
   * @param webhook its name in the worker's configuration
   */
  @ActivityMethod
  void send(String webhook, Notice notice);
}
