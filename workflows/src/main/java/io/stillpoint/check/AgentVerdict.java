package io.stillpoint.check;

import io.stillpoint.activity.NodeActivities.NodeReport;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.model.MemberState;

/** Judges what a node agent says of its member. */
final class AgentVerdict {

  private static final String AGENT = "agent";
  private static final long MEGABYTE = 1_000_000;

  private AgentVerdict() {}

  static CheckItem of(MemberState member, NodeReport report) {
    if (!report.unfinishedRestore().isEmpty()) {
      return CheckItem.notOk(
          AGENT,
          member.address(),
          ErrorCode.AGENT_REFUSED,
          "restore %s was neither released nor undone here".formatted(report.unfinishedRestore()),
          "stillpoint describe-restore " + report.unfinishedRestore());
    }
    if (!member.version().isEmpty() && !report.mongodVersion().equals(member.version())) {
      return CheckItem.notOk(
          AGENT,
          member.address(),
          ErrorCode.VERSION_MISMATCH,
          "the member runs %s, but the agent's program is %s"
              .formatted(member.version(), report.mongodVersion()),
          "correct mongod in the node agent's configuration");
    }
    // A restore puts the new data beside the old, which stays until it is released.
    if (report.freeBytes() < report.dataBytes()) {
      return CheckItem.notOk(
          AGENT,
          member.address(),
          ErrorCode.DISK_FULL,
          "%d MB are free under %s, but a restore keeps the %d MB of old data beside the new"
              .formatted(
                  report.freeBytes() / MEGABYTE, report.dbPath(), report.dataBytes() / MEGABYTE),
          "make room on that file system");
    }
    return CheckItem.ok(
        AGENT,
        member.address(),
        "on %s, %d MB of data, %d MB free%s"
            .formatted(
                report.host(),
                report.dataBytes() / MEGABYTE,
                report.freeBytes() / MEGABYTE,
                report.warnings().isEmpty() ? "" : ": " + String.join("; ", report.warnings())));
  }
}
