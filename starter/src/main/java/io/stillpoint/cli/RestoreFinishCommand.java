package io.stillpoint.cli;

import io.stillpoint.client.RestoreOperation;
import io.stillpoint.client.StillpointClient;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.restore.RestoreDescription;
import io.stillpoint.restore.RestoreDescription.MemberDescription;
import io.stillpoint.restore.RestorePhase;
import io.stillpoint.restore.RestoreResult;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Says that a person has put the files in place. */
@Command(
    name = "restore-finish",
    description = "Say that the files of a manual restore are in the stage directories.",
    footerHeading = "%nEXAMPLES%n",
    footer = "  stillpoint restore-finish before-upgrade-restore-20261122T101500Z")
final class RestoreFinishCommand extends ClientCommand {
  private static final Set<RestorePhase> BEFORE =
      EnumSet.of(RestorePhase.AWAITING_COPY, RestorePhase.STAGING);

  @Parameters(paramLabel = "NAME", description = "The restore.")
  private String name;

  @Option(
      names = "--member",
      paramLabel = "HOST:PORT",
      defaultValue = "",
      description = "Only this member's files (default: all members').")
  private String member;

  @Option(names = "--wait", description = "Show progress until the restore has ended.")
  private boolean wait;

  RestoreFinishCommand(StillpointCommand root) {
    super(root);
  }

  @Override
  int run(StillpointClient client) {
    RestoreOperation restore = client.restore(name);
    String answer = restore.finishCopy(member);
    if (restore.describe().members().stream().allMatch(MemberDescription::copyFinished)) {
      printer().progress(answer);
      Detach.during(printer(), name, () -> awaitAcceptance(restore));
    }
    if (wait) {
      Detach.during(printer(), name, () -> follow(restore));
    } else {
      printer().data(Map.of("restore", name, "answer", answer), List.of(answer));
    }
    return 0;
  }

  /**
   * The files are looked at before anything is stopped; what is missing is this command's to say.
   */
  private void awaitAcceptance(RestoreOperation restore) {
    follower().restore(restore, d -> refusal(d).isPresent() || !BEFORE.contains(d.phase()));
    if (restore.isRunning()) {
      refusal(restore.describe())
          .ifPresent(
              problem -> {
                throw new StillpointException(
                    ErrorCode.SNAPSHOT_INCOMPLETE,
                    problem,
                    "put it right in the stage directory, then again: stillpoint restore-finish "
                        + name);
              });
    }
  }

  private static Optional<String> refusal(RestoreDescription restore) {
    return restore.phase() == RestorePhase.AWAITING_COPY
        ? restore.members().stream()
            .flatMap(m -> m.problem().map(p -> m.member() + ": " + p).stream())
            .findFirst()
        : Optional.empty();
  }

  private Follower follower() {
    return new Follower(root().context(), printer());
  }

  private void follow(RestoreOperation restore) {
    RestoreResult result = follower().restore(restore, d -> false).orElseThrow();
    printer().data(result, ResultView.of(result));
  }
}
