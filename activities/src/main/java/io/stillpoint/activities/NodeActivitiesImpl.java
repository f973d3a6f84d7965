package io.stillpoint.activities;

import io.stillpoint.activity.NodeActivities;
import io.stillpoint.activity.SnapshotActivities.HostDisks;
import io.stillpoint.catalog.FileLists;
import io.stillpoint.cloud.DiskDiscovery;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.Failures;
import io.stillpoint.error.StillpointException;
import io.stillpoint.host.BeatGuard;
import io.stillpoint.host.MemberHost;
import io.stillpoint.host.NodeMembers;
import io.stillpoint.host.RouterHost;
import io.stillpoint.host.RouterSettings;
import io.stillpoint.model.ClusterTime;
import io.stillpoint.model.SeenCatalog;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.provider.SnapshotContent;
import io.stillpoint.provider.VolumeExchange;
import io.temporal.activity.Activity;
import io.temporal.activity.ActivityExecutionContext;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** What a member's own host does, as activities of its node agent. */
public final class NodeActivitiesImpl implements NodeActivities {

  private static final Duration FULL_DISK = Duration.ofMinutes(15);

  private final NodeMembers members;
  private final FileLists lists;
  private final Supplier<SeenCatalog> catalog;
  private final Clock clock;
  private final List<SnapshotContent> contents;
  private final List<VolumeExchange> volumes;
  private final DiskDiscovery discovery;

  /**
   * @param catalog the one that the lists are in
   * @param contents how snapshots other than directories become readable on this host
   * @param volumes whose snapshots become volumes that take the live ones' places
   * @param discovery finds the members' disks
   */
  public NodeActivitiesImpl(
      NodeMembers members,
      FileLists lists,
      Supplier<SeenCatalog> catalog,
      Clock clock,
      List<SnapshotContent> contents,
      List<VolumeExchange> volumes,
      DiskDiscovery discovery) {
    this.discovery = discovery;
    this.contents = List.copyOf(contents);
    this.volumes = List.copyOf(volumes);
    this.members = members;
    this.lists = lists;
    this.catalog = catalog;
    this.clock = clock;
  }

  @Override
  public NodeReport inspect(String member) {
    return BackgroundHeartbeat.during(
        () ->
            members
                .router(member)
                .map(router -> new RouterHost(router).inspect())
                .orElseGet(() -> host(member).inspect().with(seenCatalog())));
  }

  /**
   * A catalog that cannot be read is for the report to say: an operation fails where it needs it.
   */
  private SeenCatalog seenCatalog() {
    try {
      return catalog.get();
    } catch (StillpointException e) {
      return new SeenCatalog("", "", e.getMessage());
    }
  }

  @Override
  public HostDisks disks(String member, SnapshotType type) {
    return BackgroundHeartbeat.during(
        () -> discovery.disks(members.require(member).dataPath(), type));
  }

  @Override
  public List<String> plan(StageRequest request) {
    return BackgroundHeartbeat.during(() -> host(request.member()).plan(request));
  }

  @Override
  public StageReport stage(StageRequest request) {
    ActivityExecutionContext context = Activity.getExecutionContext();
    return host(request.member()).stage(request, context::heartbeat, beat());
  }

  @Override
  public String prepareStage(StageRequest request) {
    return host(request.member()).prepareStage(request, beat());
  }

  @Override
  public void dropStage(MemberRequest request) {
    host(request.member()).dropStage(request.restore(), beat());
  }

  @Override
  public void stop(MemberRequest request) {
    Optional<RouterSettings> router = members.router(request.member());
    if (router.isPresent()) {
      new RouterHost(router.get()).stop(beat());
    } else {
      host(request.member()).stop(request.restore(), beat());
    }
  }

  @Override
  public void swap(MemberRequest request) {
    host(request.member()).swap(request.restore(), beat());
  }

  @Override
  public RecoverReport recover(RecoverRequest request) {
    return host(request.member()).recover(request, beat(), guard());
  }

  @Override
  public void start(MemberRequest request) {
    Optional<RouterSettings> router = members.router(request.member());
    if (router.isPresent()) {
      new RouterHost(router.get()).start(beat());
    } else {
      host(request.member()).start(request.restore(), beat());
    }
  }

  @Override
  public void proveStart(MemberRequest request, ClusterTime point) {
    guard()
        .during(
            () -> {
              host(request.member()).proveStart(request.restore(), point);
              return null;
            });
  }

  @Override
  public UnfinishedRestore unfinished(String member) {
    return BackgroundHeartbeat.during(() -> host(member).unfinished());
  }

  @Override
  public void undo(MemberRequest request) {
    try {
      host(request.member()).undo(request.restore(), beat());
    } catch (StillpointException e) {
      throw worthAnotherTry(e) ? Failures.brief(e.code(), e.text(), false) : e;
    }
  }

  /** Somebody may free a full disk; to give up at once would leave the cluster down. */
  private static boolean worthAnotherTry(StillpointException e) {
    Instant since =
        Instant.ofEpochMilli(Activity.getExecutionContext().getInfo().getScheduledTimestamp());
    return e.code() == ErrorCode.DISK_FULL
        && Duration.between(since, Instant.now()).compareTo(FULL_DISK) < 0;
  }

  @Override
  public void release(MemberRequest request) {
    host(request.member()).release(request.restore(), beat());
  }

  private MemberHost host(String member) {
    return new MemberHost(members.require(member), lists, clock, contents, volumes);
  }

  /** Heartbeats for work that cannot do so itself: counting an oplog, reading a long log. */
  private static BeatGuard guard() {
    ActivityExecutionContext context = Activity.getExecutionContext();
    return new BeatGuard() {
      @Override
      public <T> T during(Supplier<T> work) {
        try (BackgroundHeartbeat beat = new BackgroundHeartbeat(context, null)) {
          T result = work.get();
          beat.throwIfEnded();
          return result;
        }
      }
    };
  }

  /** Throws, and so ends the work at a point it can be resumed from, once it is not wanted. */
  private static Runnable beat() {
    ActivityExecutionContext context = Activity.getExecutionContext();
    return () -> context.heartbeat(null);
  }
}
