package io.stillpoint.backup;

import io.stillpoint.model.BalancerSettings;
import io.stillpoint.model.ClusterTime;
import io.stillpoint.model.OperationStatus;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.policy.SearchAttributes;
import io.temporal.workflow.Workflow;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Everything that the query and the UI show of a running backup. Mutable workflow state. */
final class BackupState {

  /** Notes are for people; a tool that signals in a loop must not grow the state without limit. */
  private static final int MAX_NOTES = 50;

  final String backup;
  final String cluster;
  final SnapshotType type;
  private final SearchAttributes searchAttributes;
  private final List<String> notes = new ArrayList<>();
  private List<SetProgress> sets = List.of();
  private OperationStatus status = OperationStatus.RUNNING;
  private BackupPhase phase = BackupPhase.PLANNING;
  private String failure = "";
  private int pastAdoptions;
  BackupNotices notices = BackupNotices.none();
  int attempt;
  long cursorWindowMillis;
  Optional<ClusterTime> point = Optional.empty();
  BalancerSettings balancer = BalancerSettings.NONE;

  BackupState(String backup, String cluster, SnapshotType type, SearchAttributes attributes) {
    this.backup = backup;
    this.cluster = cluster;
    this.type = type;
    this.searchAttributes = attributes;
  }

  void enter(BackupPhase next) {
    enter(next, next.isBrief());
  }

  /**
   * @param brief whether it ends by itself soon, whatever happens
   */
  void enter(BackupPhase next, boolean brief) {
    phase = next;
    searchAttributes.phase(next.name(), brief);
    publish();
    notices.entered(describe(), this);
  }

  BackupPhase phase() {
    return phase;
  }

  void begin(int newAttempt, List<SetProgress> newSets) {
    pastAdoptions = adoptions();
    attempt = newAttempt;
    sets = newSets;
    point = Optional.empty();
    publish();
  }

  void fixed(ClusterTime time) {
    point = Optional.of(time);
    searchAttributes.point(time);
    publish();
  }

  void end(OperationStatus finalStatus, String why) {
    status = finalStatus;
    failure = why;
    enter(BackupPhase.ENDED);
  }

  void note(String text) {
    if (notes.size() < MAX_NOTES) {
      notes.add(text);
    } else if (notes.size() == MAX_NOTES) {
      notes.add("further notes are not kept");
    }
    Workflow.getLogger(BackupState.class).info(text);
    publish();
  }

  /** What was said of an earlier attempt already is not said again. */
  void noteOnce(String text) {
    if (!notes.contains(text)) {
      note(text);
    }
  }

  List<SetProgress> sets() {
    return sets;
  }

  Optional<SetProgress> set(String name) {
    return sets.stream().filter(s -> s.plan.set().equals(name)).findFirst();
  }

  int adoptions() {
    return pastAdoptions + sets.stream().mapToInt(s -> s.adoptions).sum();
  }

  void publish() {
    Workflow.setCurrentDetails(BackupDetails.markdown(describe()));
  }

  BackupDescription describe() {
    return new BackupDescription(
        backup,
        cluster,
        type,
        status,
        phase,
        attempt,
        point,
        cursorWindowMillis,
        balancer,
        sets.stream().map(SetProgress::describe).toList(),
        notes,
        failure);
  }
}
