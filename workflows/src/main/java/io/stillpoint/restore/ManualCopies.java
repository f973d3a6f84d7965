package io.stillpoint.restore;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.Failures;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What people and tools report of the copies that they make for a restore. */
final class ManualCopies {

  private final RestoreState state;

  ManualCopies(RestoreState state) {
    this.state = state;
  }

  /** A signal has no answer: one that makes no sense is ignored, and says so in a note. */
  void signalled(Object message) {
    Optional<String> member = memberIn(message);
    if (state.phase() != RestorePhase.AWAITING_COPY) {
      ignored("the restore does not wait for a copy, it is in phase " + state.phase());
    } else if (member.isEmpty()) {
      ignored("expected {\"member\":\"host:port\"} or nothing, got " + message);
    } else if (!member.get().isEmpty() && state.member(member.get()).isEmpty()) {
      ignored("there is no member " + member.get());
    } else if (!member.get().isEmpty() && state.member(member.get()).get().copyFinished) {
      ignored("member %s was reported finished before".formatted(member.get()));
    } else {
      accept(member.get());
    }
  }

  private void ignored(String why) {
    state.note("signal copyFinished ignored: " + why);
  }

  /** The member that a signal names, "" for all; absent if the message is malformed. */
  private static Optional<String> memberIn(Object message) {
    if (message == null) {
      return Optional.of("");
    }
    if (message instanceof Map<?, ?> fields
        && List.of("member").containsAll(fields.keySet())
        && (fields.get("member") == null || fields.get("member") instanceof String)) {
      return Optional.of(fields.get("member") instanceof String s ? s : "");
    }
    return Optional.empty();
  }

  /**
   * @param member empty for all
   * @return the answer
   */
  String accept(String member) {
    for (MemberProgress m : state.members) {
      if (member.isEmpty() || member.equals(m.member())) {
        m.copyFinished = true;
        m.state = "copied";
      }
    }
    state.publish();
    long open = state.members.stream().filter(m -> !m.copyFinished).count();
    return open == 0
        ? "all copies are reported; they are checked before anything is stopped"
        : open + " members still wait for their copy";
  }

  void validate(String member) {
    if (!member.isEmpty() && state.member(member).isEmpty()) {
      throw Failures.of(
          ErrorCode.NOT_WAITING,
          "restore '%s' has no member %s".formatted(state.restore, member),
          "its members: "
              + String.join(", ", state.members.stream().map(MemberProgress::member).toList()));
    }
  }
}
