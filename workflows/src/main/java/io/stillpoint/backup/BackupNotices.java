package io.stillpoint.backup;

import io.stillpoint.activity.NotificationActivities;
import io.stillpoint.activity.NotificationActivities.Notice;
import io.stillpoint.activity.NotificationActivities.NoticeSet;
import io.stillpoint.error.Failures;
import io.stillpoint.policy.ActivityPolicies;
import io.stillpoint.policy.Parallel;
import io.temporal.workflow.Async;
import io.temporal.workflow.Promise;
import io.temporal.workflow.Workflow;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Sends a notice to each webhook when a backup starts, is ready to be copied and has ended. Nothing
 * waits for them but the very end, and that not for long; a failure is noted and changes nothing.
 */
final class BackupNotices {

  private static final String CHANGE = "webhooks";
  private static final int MAX_SETS = 200;

  private final List<String> webhooks;
  private final Set<String> sent = new HashSet<>();
  private final List<Promise<Void>> under = new ArrayList<>();

  private BackupNotices(List<String> webhooks) {
    this.webhooks = webhooks;
  }

  static BackupNotices none() {
    return new BackupNotices(List.of());
  }

  /**
   * @param configured by this worker; what the first one had counts for the whole backup
   */
  static BackupNotices begin(List<String> configured) {
    if (Workflow.getVersion(CHANGE, Workflow.DEFAULT_VERSION, 1) == Workflow.DEFAULT_VERSION) {
      return none();
    }
    return new BackupNotices(
        List.of(Workflow.sideEffect(String[].class, () -> configured.toArray(String[]::new))));
  }

  /**
   * @param webhooks as the history has them
   */
  static BackupNotices to(List<String> webhooks) {
    return new BackupNotices(webhooks);
  }

  void entered(BackupDescription now, BackupState state) {
    switch (now.phase()) {
      case PLANNING -> send("started", now, state);
      case COPYING -> send("ready-to-copy", now, state);
      case ENDED -> send(now.status().name().toLowerCase(Locale.ROOT), now, state);
      default -> {}
    }
  }

  /** Nothing is under way. */
  boolean settled() {
    return Parallel.allEnded(under);
  }

  /** Bounded by the activities' own time limit. */
  void settle() {
    Parallel.detached(() -> Parallel.settle(under));
  }

  private void send(String event, BackupDescription now, BackupState state) {
    String id = "%s/%s/%d".formatted(Workflow.getInfo().getWorkflowId(), event, now.attempt());
    if (webhooks.isEmpty() || !sent.add(id)) {
      return;
    }
    Notice notice =
        new Notice(
            id,
            event,
            now.cluster(),
            now.backup(),
            now.type(),
            Workflow.getInfo().getWorkflowId(),
            now.consistentPoint(),
            now.failure(),
            now.sets().stream()
                .limit(MAX_SETS)
                .map(s -> new NoticeSet(s.set(), s.member(), s.dbPath()))
                .toList());
    Parallel.detached(
        () -> {
          for (String webhook : webhooks) {
            NotificationActivities stub =
                Workflow.newActivityStub(
                    NotificationActivities.class,
                    ActivityPolicies.notice("tell %s: %s".formatted(webhook, event)));
            under.add(
                Async.procedure(stub::send, webhook, notice)
                    .handle(
                        (ok, failure) -> {
                          if (failure != null) {
                            state.note(
                                "webhook %s did not take '%s': %s"
                                    .formatted(webhook, event, Failures.factOf(failure)));
                          }
                          return null;
                        }));
          }
        });
  }
}
