package io.stillpoint.check;

import io.stillpoint.activity.NodeActivities.NodeReport;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.model.MemberState;
import io.stillpoint.model.SeenCatalog;
import java.util.Optional;

/** Judges what a node agent says of its member. */
final class AgentVerdict {

  private static final String AGENT = "agent";
  private static final long MEGABYTE = 1_000_000;

  private AgentVerdict() {}

  /**
   * @param catalog that of the control workers, if it is known
   */
  static CheckItem of(MemberState member, NodeReport report, Optional<SeenCatalog> catalog) {
    return report
        .catalog()
        .flatMap(own -> catalog.flatMap(theirs -> otherCatalog(member, own, theirs)))
        .orElseGet(() -> of(member, report));
  }

  private static Optional<CheckItem> otherCatalog(
      MemberState member, SeenCatalog own, SeenCatalog theirs) {
    if (own.identity().equals(theirs.identity())) {
      return Optional.empty();
    }
    String problem =
        own.problem().isEmpty()
            ? "the agent's catalog, %s, is not that of the control workers, %s"
                .formatted(own.place(), theirs.place())
            : "the agent cannot read its catalog: " + own.problem();
    return Optional.of(
        CheckItem.notOk(
            AGENT,
            member.address(),
            ErrorCode.CONFIGURATION_INVALID,
            problem,
            "let stillpoint.catalog in the node agent's configuration name the control workers'"
                + " catalog, and mount it there if it is a directory"));
  }

  private static CheckItem of(MemberState member, NodeReport report) {
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
    if (member.isReadable() && !report.running()) {
      return CheckItem.notOk(
          AGENT,
          member.address(),
          ErrorCode.AGENT_REFUSED,
          "the member is %s, but its agent on %s sees no server that works on %s"
              .formatted(member.state(), report.host(), report.dbPath()),
          "correct data-path in the node agent's configuration, run it as mongod's user, and let a"
              + " container share mongod's processes");
    }
    if (!report.differences().isEmpty()) {
      return CheckItem.notOk(
          AGENT,
          member.address(),
          ErrorCode.AGENT_REFUSED,
          "the server was started otherwise than the agent would start it after a restore: "
              + String.join("; ", report.differences()),
          "correct arguments, config-file or log-path of the member in the node agent's"
              + " configuration");
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
