package io.stillpoint.backup;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.Failures;
import io.stillpoint.model.SnapshotRef;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.policy.Inputs;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What people and snapshot tools say about copies that they make. A signal cannot be answered, so a
 * wrong one leaves a note and changes nothing; an update is refused with the same words.
 */
final class CopyMessages {

  private final BackupState state;
  private final boolean attemptIsSaid;

  /**
   * @param attemptIsSaid from the second attempt on a message must name it; not in backups of older
   *     builds, whose histories may hold others
   */
  CopyMessages(BackupState state, boolean attemptIsSaid) {
    this.state = state;
    this.attemptIsSaid = attemptIsSaid;
  }

  static CopyMessages requireRunning(CopyMessages messages) {
    if (messages == null) {
      throw Failures.of(
          ErrorCode.NOT_WAITING,
          "the backup has not begun yet",
          "wait until it is in phase COPYING");
    }
    return messages;
  }

  /** A signal arrived; its shape is not known to be right. */
  void signalled(Object message) {
    Optional<CopyFinished> read = read(message);
    if (read.isEmpty()) {
      state.note(
          "signal copyFinished ignored: expected {\"set\":\"NAME\",\"snapshots\":[\"…\"]}, got "
              + abbreviate(String.valueOf(message)));
      return;
    }
    Optional<String> objection = objection(read.get());
    if (objection.isPresent()) {
      state.note("signal copyFinished ignored: " + objection.get());
      return;
    }
    accept(read.get());
  }

  /**
   * What an update says. A field that is not known must be refused: {@code {"sett":"rs0"}} would
   * otherwise mean all sets.
   */
  static CopyFinished typed(Object message) {
    return Inputs.read(
        message, CopyFinished.class, "the message", "{\"set\":\"NAME\",\"snapshots\":[\"ID\"]}");
  }

  void validate(CopyFinished message) {
    objection(orAll(message))
        .ifPresent(
            o -> {
              throw Failures.of(
                  ErrorCode.NOT_WAITING,
                  o,
                  state.attempt > 1
                      ? "copy the files anew, then: stillpoint backup-finish %s --attempt %d"
                          .formatted(state.backup, state.attempt)
                      : "look at it with: stillpoint describe-backup " + state.backup);
            });
  }

  /** Records the copies; the message was checked before. */
  String accept(CopyFinished given) {
    CopyFinished message = orAll(given);
    List<SetProgress> finished =
        state.sets().stream()
            .filter(s -> !s.cut)
            .filter(s -> message.set().isEmpty() || message.set().get().equals(s.plan.set()))
            .toList();
    for (SetProgress set : finished) {
      set.cut = true;
      set.ready = true;
      set.state = "copied";
      set.snapshots = snapshots(set, message.snapshots());
    }
    state.publish();
    long open = state.sets().stream().filter(s -> !s.cut).count();
    return "%s finished; %s"
        .formatted(
            String.join(", ", finished.stream().map(s -> s.plan.set()).toList()),
            open == 0 ? "the backup is being completed" : open + " sets are still to be copied");
  }

  private List<SnapshotRef> snapshots(SetProgress set, List<String> ids) {
    List<SnapshotRef> all = new ArrayList<>();
    for (String id : ids) {
      all.add(
          new SnapshotRef(
              set.plan.set(),
              set.plan.member(),
              SnapshotType.MANUAL,
              id,
              set.plan.dbPath(),
              "data",
              set.openCursor().cursorBackupId(),
              0,
              true));
    }
    return all;
  }

  private Optional<String> objection(CopyFinished message) {
    if (state.type != SnapshotType.MANUAL) {
      return Optional.of(
          "backup '%s' is of type %s and makes its copies itself"
              .formatted(state.backup, state.type.word()));
    }
    if (state.phase() != BackupPhase.COPYING) {
      return Optional.of(
          "backup '%s' is in phase %s, copies are waited for in phase COPYING"
              .formatted(state.backup, state.phase()));
    }
    Optional<String> worthless = anotherAttempts(message);
    if (worthless.isPresent() || message.set().isEmpty()) {
      return worthless;
    }
    Optional<SetProgress> set = state.set(message.set().get());
    if (set.isEmpty()) {
      return Optional.of(
          "backup '%s' has no set '%s'".formatted(state.backup, message.set().get()));
    }
    return set.get().cut
        ? Optional.of("set '%s' was reported finished before".formatted(message.set().get()))
        : Optional.empty();
  }

  /** Who copied before the cursor was lost may not have heard of it. */
  private Optional<String> anotherAttempts(CopyFinished message) {
    boolean unsaid = message.attempt().isEmpty() && attemptIsSaid && state.attempt > 1;
    boolean other = message.attempt().filter(a -> a != state.attempt).isPresent();
    return unsaid || other
        ? Optional.of(
            "backup '%s' is in attempt %d, and the message %s: what was copied in another attempt is worthless"
                .formatted(
                    state.backup,
                    state.attempt,
                    unsaid ? "names none" : "names attempt " + message.attempt().get()))
        : Optional.empty();
  }

  private static Optional<CopyFinished> read(Object message) {
    if (message == null) {
      return Optional.of(new CopyFinished(Optional.empty(), List.of()));
    }
    if (!(message instanceof Map<?, ?> fields)) {
      return Optional.empty();
    }
    Object set = fields.get("set");
    Object snapshots = fields.get("snapshots");
    Object attempt = fields.get("attempt");
    boolean known = List.of("set", "snapshots", "attempt").containsAll(fields.keySet());
    boolean rightAttempt = attempt == null || attempt instanceof Integer;
    boolean rightSet = set == null || set instanceof String;
    boolean rightSnapshots =
        snapshots == null
            || snapshots instanceof List<?> list
                && list.stream().allMatch(String.class::isInstance);
    if (!known || !rightSet || !rightSnapshots || !rightAttempt) {
      return Optional.empty();
    }
    List<String> ids =
        snapshots instanceof List<?> list
            ? list.stream().map(Objects::toString).toList()
            : List.of();
    return Optional.of(
        new CopyFinished(
            Optional.ofNullable((String) set), ids, Optional.ofNullable((Integer) attempt)));
  }

  private static CopyFinished orAll(CopyFinished message) {
    return message == null ? new CopyFinished(Optional.empty(), List.of()) : message;
  }

  private static String abbreviate(String text) {
    return text.length() <= 200 ? text : text.substring(0, 200) + "…";
  }
}
