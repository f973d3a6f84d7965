package io.stillpoint.cli;

import io.stillpoint.client.RestoreOperation;
import io.stillpoint.client.StillpointClient;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.restore.RestoreDescription;
import io.stillpoint.restore.RestorePhase;
import io.stillpoint.restore.RestoreRequest;
import io.stillpoint.restore.RestoreResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Plans a restore, asks, and starts it. */
@Command(
    name = "restore",
    description = {
      "Bring a whole cluster back to a backup's consistent point.",
      "",
      "Shows its plan first. It goes on only with --yes or when the cluster's name is typed. The"
          + " replaced data is kept until the restored cluster is verified; any failure before"
          + " that puts it back.",
      "",
      "With --cluster the backup of one cluster replaces the data of another one, on other hosts,"
          + " under other set names and, with --map, other shard ids. --yes does not agree to"
          + " that: the target's name must be typed, or given with --confirm."
    },
    footerHeading = "%nEXAMPLES%n",
    footer = {
      "  stillpoint restore shop-20261122T101500Z --dry-run",
      "  stillpoint restore shop-20261122T101500Z --yes --wait",
      "  stillpoint restore shop-20261122T101500Z --cluster staging --confirm staging"
    })
final class RestoreCommand extends ClientCommand {
  @Parameters(paramLabel = "NAME", description = "The backup.")
  private String backup;

  @Option(
      names = "--cluster",
      description = "The cluster whose data is replaced (default: the one that was backed up).")
  private Optional<String> cluster = Optional.empty();

  @Option(names = "--name", description = "The restore's name (default: BACKUP-restore-UTCTIME).")
  private Optional<String> name = Optional.empty();

  @Option(names = "--yes", description = "Agree to the plan without being asked.")
  private boolean yes;

  @Option(
      names = "--confirm",
      paramLabel = "NAME",
      description = "Agree to the plan by the name of the cluster whose data is replaced.")
  private Optional<String> confirm = Optional.empty();

  @Option(names = "--dry-run", description = "Show the plan; change nothing.")
  private boolean dryRun;

  @Option(names = "--manual", description = "A person puts the files into the stage directories.")
  private boolean manual;

  @Option(
      names = "--keep-old",
      paramLabel = "TIME",
      converter = Durations.class,
      description = "Keep the replaced data so long after success, such as 2d (default: not).")
  private Optional<Duration> keepOld = Optional.empty();

  @Option(
      names = "--map",
      paramLabel = "FROM=TO",
      description =
          "Target set or shard id for a set or shard id of the backup, where shards are not paired"
              + " by their ids; repeatable.")
  private Map<String, String> map = new LinkedHashMap<>();

  @Option(names = "--wait", description = "Show progress until the restore has ended.")
  private boolean wait;

  RestoreCommand(StillpointCommand root) {
    super(root);
  }

  @Override
  int run(StillpointClient client) {
    RestoreOperation restore =
        client.startRestore(
            new RestoreRequest(
                backup,
                cluster,
                name,
                Optional.empty(),
                dryRun,
                manual ? Optional.of(true) : Optional.empty(),
                keepOld,
                map));
    restore.awaitPickedUp();
    boolean[] confirmed = new boolean[1];
    // Ctrl-C before the answer is a no: nothing was touched yet.
    Detach.onInterrupt(
        () -> {
          printer().progress("");
          printer().progress(restore.abort("interrupted before it was confirmed"));
        },
        () -> confirmed[0] = planAndConfirm(restore));
    if (confirmed[0]) {
      Detach.during(printer(), restore.name(), () -> goOn(restore));
    }
    return 0;
  }

  /** False for a restore that ended with its plan. */
  private boolean planAndConfirm(RestoreOperation restore) {
    Optional<RestoreDescription> plan;
    try {
      plan = agreedPlan(restore);
    } catch (RuntimeException e) {
      withdraw(restore, e);
      throw e;
    }
    plan.ifPresent(p -> printer().progress(restore.confirm(p.cluster())));
    return plan.isPresent();
  }

  private Optional<RestoreDescription> agreedPlan(RestoreOperation restore) {
    Optional<RestoreResult> ended =
        follower().restore(restore, d -> d.phase() == RestorePhase.AWAITING_CONFIRMATION);
    if (ended.isPresent()) {
      printer().data(ended.get(), ResultView.of(ended.get()));
      return Optional.empty();
    }
    RestoreDescription plan = restore.describe();
    RestoreView.plan(plan).forEach(printer()::progress);
    if (!isAgreed(plan)) {
      throw new StillpointException(
          ErrorCode.RESTORE_NOT_CONFIRMED,
          yes && plan.foreign()
              ? "the data of '%s' would be replaced by that of another cluster, to which --yes does not agree"
                  .formatted(plan.cluster())
              : "the restore of '%s' was not confirmed, so nothing was changed"
                  .formatted(plan.cluster()),
          plan.foreign()
              ? "type the cluster's name when asked, or add --confirm " + plan.cluster()
              : "type the cluster's name when asked, or add --yes");
    }
    return Optional.of(plan);
  }

  /** Another cluster's data is put over a cluster only by its own name, never by a habit. */
  private boolean isAgreed(RestoreDescription plan) {
    if (confirm.isPresent()) {
      return confirm.get().equals(plan.cluster());
    }
    return yes && !plan.foreign() || typed(plan.cluster());
  }

  /** A restore that nobody will confirm would hold its cluster until its own deadline. */
  private static void withdraw(RestoreOperation restore, RuntimeException why) {
    try {
      if (restore.isRunning()) {
        restore.abort("it was not confirmed");
      }
    } catch (StillpointException e) {
      why.addSuppressed(e);
    }
  }

  private boolean typed(String wanted) {
    if (!root().context().asks()) {
      return false;
    }
    printer().progress("type the name of the cluster whose data will be replaced:");
    try {
      String line = root().context().in().readLine();
      return line != null && line.strip().equals(wanted);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void goOn(RestoreOperation restore) {
    if (wait) {
      RestoreResult result = follower().restore(restore, d -> false).orElseThrow();
      printer().data(result, ResultView.of(result));
      return;
    }
    boolean copiedByHand = restore.describe().manualCopy();
    Optional<RestoreResult> early =
        copiedByHand
            ? follower().restore(restore, d -> d.phase() == RestorePhase.AWAITING_COPY)
            : Optional.empty();
    if (early.isPresent()) {
      printer().data(early.get(), ResultView.of(early.get()));
    } else if (copiedByHand) {
      RestoreDescription now = restore.describe();
      printer().data(now, RestoreView.copyInstructions(now));
    } else {
      printer().data(Map.of("restore", restore.name()), List.of(restore.name()));
      printer().progress("confirmed; watch it with: stillpoint watch " + restore.name());
    }
  }

  private Follower follower() {
    return new Follower(root().context(), printer());
  }
}
