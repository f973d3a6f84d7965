package io.stillpoint.restore;

import io.stillpoint.model.ClusterTime;
import io.stillpoint.model.OperationStatus;
import java.util.List;
import java.util.Optional;

/**
 * The answer to the query {@code describe}: how one restore stands, member by member.
 *
 * @param foreign the backup is of another cluster than the one whose data it replaces
 * @param manualCopy a person puts the files into the stage directories
 */
public record RestoreDescription(
    String restore,
    String backup,
    String cluster,
    boolean foreign,
    boolean manualCopy,
    OperationStatus status,
    RestorePhase phase,
    Optional<ClusterTime> consistentPoint,
    List<String> plan,
    List<MemberDescription> members,
    List<String> notes,
    String failure) {

  public RestoreDescription {
    plan = List.copyOf(plan);
    members = List.copyOf(members);
    notes = List.copyOf(notes);
  }

  /**
   * @param stagePath where the new data is, or where a person must put it; empty before
   * @param copyFinished the new data is there
   */
  public record MemberDescription(
      String set,
      String member,
      String sourceSet,
      String state,
      String stagePath,
      boolean copyFinished) {

    /** How the state of a member begins whose files were looked at and cannot be used. */
    public static final String REFUSED = "cannot be used: ";

    /** What is wrong with the files that a person put there; empty if nothing is known to be. */
    public Optional<String> problem() {
      return state.startsWith(REFUSED)
          ? Optional.of(state.substring(REFUSED.length()))
          : Optional.empty();
    }
  }
}
