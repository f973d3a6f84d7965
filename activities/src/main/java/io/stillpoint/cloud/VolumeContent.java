package io.stillpoint.cloud;

import io.stillpoint.activity.NodeActivities.StageRequest;
import io.stillpoint.cloud.VolumeRestorer.Shape;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.SnapshotRef;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.provider.SnapshotContent;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A cloud's snapshots as directories of this host: each becomes a volume for the time of the copy,
 * attached to this machine and mounted where the agent's configuration says.
 */
public final class VolumeContent implements SnapshotContent {

  private final SnapshotType type;
  private final VolumeRestorer restorer;
  private final AttachedVolumes attached;
  private final HostVolumes host;
  private final RestoredVolumes volumes;
  private final Map<String, ContentSettings> byMember;

  public VolumeContent(
      SnapshotType type,
      VolumeRestorer restorer,
      AttachedVolumes attached,
      HostVolumes host,
      List<ContentSettings> members) {
    this.attached = attached;
    this.host = host;
    this.type = type;
    this.restorer = restorer;
    this.volumes = new RestoredVolumes(restorer, attached, FoundVolume.COPY);
    this.byMember =
        members.stream().collect(Collectors.toMap(ContentSettings::member, Function.identity()));
  }

  @Override
  public SnapshotType type() {
    return type;
  }

  @Override
  public List<String> plan(StageRequest request, Path dataPath) {
    ContentSettings settings = settings(request);
    Map<String, SnapshotRef> byRole = RestoredVolumes.byRole(request, settings);
    List<String> lines = new ArrayList<>();
    for (ContentSettings.Mount mount : settings.mounts()) {
      SnapshotRef snapshot = byRole.get(mount.role());
      if (snapshot != null) {
        Shape shape = Shape.in(settings.zone()).with(settings.volume());
        lines.addAll(volumes.plan(request, settings, mount, snapshot, shape, "", false));
        requireNoLessEncrypted(request, settings, snapshot, dataPath).ifPresent(lines::add);
      }
    }
    return lines;
  }

  /**
   * A copy is encrypted as the volume is that it is written to.
   *
   * @return why it cannot be told, if it cannot
   */
  private Optional<String> requireNoLessEncrypted(
      StageRequest request, ContentSettings settings, SnapshotRef snapshot, Path dataPath) {
    Optional<String> key = restorer.keyOf(request.backup(), snapshot);
    if (key.isEmpty()) {
      return Optional.empty();
    }
    List<String> targets;
    try {
      targets = volumesUnder(dataPath, settings);
    } catch (StillpointException e) {
      if (e.code().retryable()) {
        throw e;
      }
      return Optional.of(cannotTell(request, snapshot, dataPath, e.text()));
    }
    if (targets.isEmpty()) {
      return Optional.of(
          cannotTell(request, snapshot, dataPath, "its file system hides its disks"));
    }
    for (String target : targets) {
      if (restorer.keyOf(target).isEmpty()) {
        throw new StillpointException(
            ErrorCode.VOLUME_UNSUITABLE,
            "snapshot %s is encrypted with %s, but member %s has its data on %s, which is not"
                .formatted(snapshot.id(), key.get(), request.member(), target),
            "let the agent exchange volumes (live and state-directory in its restore-mounts), which"
                + " keeps the encryption, or give the member an encrypted volume");
      }
    }
    return Optional.empty();
  }

  private List<String> volumesUnder(Path dataPath, ContentSettings settings) {
    Map<String, String> known = attached.on(settings.instance(), settings.zone());
    return host.holding(dataPath).disks().stream()
        .map(disk -> attached.volumeOf(disk, known))
        .toList();
  }

  private static String cannotTell(
      StageRequest request, SnapshotRef snapshot, Path dataPath, String why) {
    return "%s: snapshot %s is encrypted; whether %s is could not be told: %s"
        .formatted(request.member(), snapshot.id(), dataPath, why);
  }

  @Override
  public Path open(StageRequest request, Runnable alive) {
    ContentSettings settings = settings(request);
    Map<String, SnapshotRef> byRole = RestoredVolumes.byRole(request, settings);
    Mounts mounts = new Mounts(settings);
    for (ContentSettings.Mount mount : settings.mounts()) {
      SnapshotRef snapshot = byRole.get(mount.role());
      if (snapshot == null) {
        continue;
      }
      Shape shape = Shape.in(settings.zone()).with(settings.volume());
      String volume = volumes.attach(request, settings, mount, snapshot, shape, alive);
      mounts.mount(mount.directory(), volumes.deviceOf(volume, settings), volume, alive);
    }
    try {
      return settings.dataDirectory().toRealPath();
    } catch (IOException e) {
      throw new StillpointException(
          ErrorCode.AGENT_REFUSED,
          "the mounted volumes have no directory %s: %s".formatted(settings.dataDirectory(), e),
          "correct the data directory in the node agent's configuration; nothing was changed",
          e);
    }
  }

  @Override
  public void close(String restore, String member, Runnable alive) {
    ContentSettings settings = byMember.get(member);
    if (settings == null) {
      return;
    }
    Mounts mounts = new Mounts(settings);
    List<ContentSettings.Mount> lastFirst = new ArrayList<>(settings.mounts());
    Collections.reverse(lastFirst);
    lastFirst.forEach(mount -> mounts.unmount(mount.directory(), alive));
    for (String volume : restorer.made(restore, member, settings.zone())) {
      restorer.detach(volume, settings.instance(), alive);
      restorer.delete(restore, volume);
    }
  }

  private ContentSettings settings(StageRequest request) {
    ContentSettings settings = byMember.get(request.member());
    if (settings == null) {
      throw new StillpointException(
          ErrorCode.AGENT_REFUSED,
          "this agent has no mounts configured for member %s, but its snapshots are of type %s"
              .formatted(request.member(), type.word()),
          "configure them, or attach the volumes yourself and restore with --manual");
    }
    return settings;
  }
}
