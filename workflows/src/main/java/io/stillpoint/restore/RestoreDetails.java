package io.stillpoint.restore;

import io.stillpoint.restore.RestoreDescription.MemberDescription;

/** The Markdown that the Temporal UI shows as current details. */
final class RestoreDetails {

  /** Temporal cuts details at 20,000 bytes; a table of this many members stays below. */
  private static final int MAX_ROWS = 100;

  private RestoreDetails() {}

  static String markdown(RestoreDescription d) {
    StringBuilder text = new StringBuilder();
    text.append(
        "**%s** of backup `%s` onto cluster `%s`".formatted(d.phase(), d.backup(), d.cluster()));
    d.consistentPoint().ifPresent(p -> text.append(", consistent point `%s`".formatted(p)));
    text.append("\n\n");
    if (d.phase() == RestorePhase.AWAITING_CONFIRMATION) {
      d.plan().forEach(line -> text.append("- ").append(line).append('\n'));
      text.append(
          "%nTo go on: *More Actions*, *Send an Update*, `confirm` with the data `\"%s\"`.%n%n"
              .formatted(d.cluster()));
    }
    if (d.phase() == RestorePhase.AWAITING_COPY) {
      text.append("Put the files into the stage directories below, then say so: ");
      text.append(
          "`stillpoint restore-finish %s`, or the update `finishCopy`.%n%n".formatted(d.restore()));
    }
    if (!d.members().isEmpty()) {
      text.append("| set | member | from | state | stage |\n|---|---|---|---|---|\n");
      for (MemberDescription m : d.members().subList(0, Math.min(MAX_ROWS, d.members().size()))) {
        text.append(
            "| %s | %s | %s | %s | %s |%n"
                .formatted(m.set(), m.member(), m.sourceSet(), m.state(), m.stagePath()));
      }
      text.append('\n');
    }
    d.notes().forEach(n -> text.append("- ").append(n).append('\n'));
    if (!d.failure().isEmpty()) {
      text.append("\n**").append(d.failure()).append("**\n");
    }
    return text.toString();
  }
}
