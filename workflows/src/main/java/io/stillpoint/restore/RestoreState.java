package io.stillpoint.restore;

import io.stillpoint.model.ClusterTime;
import io.stillpoint.model.OperationStatus;
import io.stillpoint.policy.SearchAttributes;
import io.stillpoint.policy.ShortHistory;
import io.temporal.workflow.Workflow;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Everything that the query and the UI show of a running restore. Mutable workflow state. */
final class RestoreState {

  private static final int MAX_NOTES = 50;

  final String restore;
  final String backup;
  final ShortHistory history;
  private final List<String> notes = new ArrayList<>();
  private Optional<SearchAttributes> searchAttributes = Optional.empty();
  private OperationStatus status = OperationStatus.RUNNING;
  private RestorePhase phase = RestorePhase.PLANNING;
  private String failure = "";
  String cluster = "";
  boolean foreign;
  boolean manualCopy;
  Optional<ClusterTime> point = Optional.empty();
  List<String> plan = List.of();
  List<MemberProgress> members = List.of();

  RestoreState(String restore, String backup, ShortHistory history) {
    this.history = history;
    this.restore = restore;
    this.backup = backup;
  }

  void onCluster(String name, SearchAttributes attributes) {
    cluster = name;
    searchAttributes = Optional.of(attributes);
  }

  void enter(RestorePhase next) {
    phase = next;
    searchAttributes.ifPresent(a -> a.phase(next.name(), false));
    publish();
  }

  RestorePhase phase() {
    return phase;
  }

  void end(OperationStatus finalStatus, String why) {
    status = finalStatus;
    failure = why;
    enter(RestorePhase.ENDED);
  }

  void note(String text) {
    if (notes.size() < MAX_NOTES) {
      notes.add(text);
    } else if (notes.size() == MAX_NOTES) {
      notes.add("further notes are not kept");
    }
    Workflow.getLogger(RestoreState.class).info(text);
    publish();
  }

  Optional<MemberProgress> member(String address) {
    return members.stream().filter(m -> m.member().equals(address)).findFirst();
  }

  void publish() {
    Workflow.setCurrentDetails(RestoreDetails.markdown(describe()));
  }

  RestoreDescription describe() {
    return new RestoreDescription(
        restore,
        backup,
        cluster,
        foreign,
        manualCopy,
        status,
        phase,
        point,
        plan,
        members.stream().map(MemberProgress::describe).toList(),
        notes,
        failure);
  }
}
