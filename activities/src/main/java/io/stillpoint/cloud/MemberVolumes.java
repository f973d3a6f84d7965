package io.stillpoint.cloud;

import io.stillpoint.activity.NodeActivities.StageRequest;
import io.stillpoint.cloud.VolumeRestorer.Shape;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.SnapshotRef;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.provider.VolumeExchange;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Exchanges volumes of one cloud on this host. */
public final class MemberVolumes implements VolumeExchange {

  private final SnapshotType type;
  private final VolumeRestorer restorer;
  private final AttachedVolumes attached;
  private final RestoredVolumes volumes;
  private final HostVolumes host;
  private final Map<String, ContentSettings> byMember;

  /**
   * @param members those without an exchange are not served
   */
  public MemberVolumes(
      SnapshotType type,
      VolumeRestorer restorer,
      AttachedVolumes attached,
      HostVolumes host,
      List<ContentSettings> members) {
    this.type = type;
    this.restorer = restorer;
    this.attached = attached;
    this.volumes = new RestoredVolumes(restorer, attached, FoundVolume.EXCHANGE);
    this.host = host;
    this.byMember =
        members.stream()
            .filter(m -> m.exchange().isPresent())
            .collect(Collectors.toMap(ContentSettings::member, Function.identity()));
  }

  @Override
  public SnapshotType type() {
    return type;
  }

  @Override
  public boolean serves(String member) {
    return byMember.containsKey(member);
  }

  @Override
  public Path stateDirectory(String member) {
    return exchange(member).stateDirectory();
  }

  @Override
  public List<String> live(String member) {
    ContentSettings settings = byMember.get(member);
    return exchange(member).live().stream().map(place -> volumeOn(place, settings)).toList();
  }

  @Override
  public void requireAllowed(String member, List<String> live) {
    ContentSettings settings = byMember.get(member);
    restorer.requireAllowed(settings.instance(), settings.zone(), live.get(0));
  }

  @Override
  public List<String> plan(StageRequest request, List<String> live) {
    ContentSettings settings = byMember.get(request.member());
    Map<String, SnapshotRef> byRole = exchangeable(request, settings);
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < settings.mounts().size(); i++) {
      ContentSettings.Mount mount = settings.mounts().get(i);
      lines.addAll(
          volumes.plan(
              request,
              settings,
              mount,
              byRole.get(mount.role()),
              shapeLike(live.get(i), settings),
              live.get(i),
              exchange(request.member()).deleteReplaced()));
    }
    return lines;
  }

  @Override
  public Fresh open(StageRequest request, List<String> live, Runnable alive) {
    ContentSettings settings = byMember.get(request.member());
    Map<String, SnapshotRef> byRole = exchangeable(request, settings);
    Mounts mounts = new Mounts(settings);
    List<String> made = new ArrayList<>();
    for (int i = 0; i < settings.mounts().size(); i++) {
      ContentSettings.Mount mount = settings.mounts().get(i);
      Shape shape = shapeLike(live.get(i), settings);
      String volume =
          volumes.attach(request, settings, mount, byRole.get(mount.role()), shape, alive);
      mounts.mount(mount.directory(), volumes.deviceOf(volume, settings), volume, alive);
      made.add(volume);
    }
    try {
      return new Fresh(made, settings.dataDirectory().toRealPath());
    } catch (IOException e) {
      throw new StillpointException(
          ErrorCode.AGENT_REFUSED,
          "the mounted volumes have no directory %s: %s".formatted(settings.dataDirectory(), e),
          "correct the data directory in the node agent's configuration; nothing was changed",
          e);
    }
  }

  @Override
  public void closeAside(String member, Runnable alive) {
    ContentSettings settings = byMember.get(member);
    Mounts mounts = new Mounts(settings);
    lastFirst(settings.mounts()).forEach(mount -> mounts.unmount(mount.directory(), alive));
  }

  @Override
  public void unmount(String member, Runnable alive) {
    Mounts mounts = new Mounts(byMember.get(member));
    lastFirst(exchange(member).live()).forEach(place -> mounts.unmount(place, alive));
  }

  @Override
  public void mount(String member, List<String> wanted, Runnable alive) {
    ContentSettings settings = byMember.get(member);
    List<Path> places = exchange(member).live();
    Mounts mounts = new Mounts(settings);
    for (int i = 0; i < places.size(); i++) {
      String now = volumeOn(places.get(i), settings);
      if (now.equals(wanted.get(i))) {
        continue;
      }
      if (!now.isEmpty()) {
        throw refused(
            "%s holds volume %s where %s belongs".formatted(places.get(i), now, wanted.get(i)));
      }
      String device = volumes.deviceOf(wanted.get(i), settings);
      mounts.mount(places.get(i), device, wanted.get(i), alive);
    }
    List<String> now = live(member);
    if (!now.equals(wanted)) {
      throw refused("%s hold the volumes %s after mounting %s".formatted(places, now, wanted));
    }
  }

  @Override
  public void discard(String restore, String member, Runnable alive) {
    ContentSettings settings = byMember.get(member);
    closeAside(member, alive);
    List<String> made = restorer.made(restore, member, settings.zone());
    if (made.isEmpty()) {
      return;
    }
    requireNotLive(member, made);
    for (String volume : made) {
      restorer.detach(volume, settings.instance(), alive);
      restorer.delete(restore, volume);
    }
  }

  @Override
  public void release(String member, List<String> replaced, Runnable alive) {
    ContentSettings settings = byMember.get(member);
    requireNotLive(member, replaced);
    for (String volume : replaced) {
      restorer.detach(volume, settings.instance(), alive);
      if (exchange(member).deleteReplaced()) {
        restorer.dispose(volume);
      } else {
        restorer.markReplaced(volume);
      }
    }
  }

  private void requireNotLive(String member, List<String> given) {
    List<String> live = live(member);
    if (given.stream().anyMatch(live::contains)) {
      throw refused(
          "member %s works on the volumes %s, so %s are not taken away"
              .formatted(member, live, given));
    }
  }

  /** Errors: AGENT_REFUSED if there is not one snapshot for each of the member's places. */
  private static Map<String, SnapshotRef> exchangeable(
      StageRequest request, ContentSettings settings) {
    Map<String, SnapshotRef> byRole = RestoredVolumes.byRole(request, settings);
    if (byRole.size() != settings.mounts().size()) {
      throw new StillpointException(
          ErrorCode.AGENT_REFUSED,
          "set %s has snapshots for the roles %s, but member %s has volumes for %s to exchange"
              .formatted(request.sourceSet(), byRole.keySet(), request.member(), settings.roles()),
          "restore it by copying: remove live and state-directory from the member's restore-mounts");
    }
    return byRole;
  }

  private Shape shapeLike(String live, ContentSettings settings) {
    Shape was = restorer.shapeOf(live);
    return new Shape(
            settings.zone(), was.type(), was.sizeGib(), was.iops(), was.throughput(), was.kmsKey())
        .with(settings.volume());
  }

  private String volumeOn(Path place, ContentSettings settings) {
    List<String> identify = exchange(settings.member()).identify();
    if (!Mounts.isMounted(place)) {
      return "";
    }
    if (!identify.isEmpty()) {
      String printed = new Mounts(settings).identify(identify, place);
      return printed.isEmpty() ? "" : restorer.id(printed, settings.zone());
    }
    HostVolumes.FileSystem found =
        host.mountedOn(place)
            .orElseThrow(() -> refused("%s is a link, not a mount".formatted(place)));
    if (found.disks().size() != 1) {
      throw new StillpointException(
          ErrorCode.VOLUME_UNSUITABLE,
          "%s is a file system of type %s on %d disks, which cannot be exchanged as one volume"
              .formatted(place, found.type(), found.disks().size()),
          "restore it by copying: remove live and state-directory from the member's"
              + " restore-mounts");
    }
    return attached.volumeOf(
        found.disks().get(0), attached.on(settings.instance(), settings.zone()));
  }

  private ContentSettings.Exchange exchange(String member) {
    ContentSettings settings = byMember.get(member);
    if (settings == null) {
      throw refused("this agent exchanges no volumes of member " + member);
    }
    return settings.exchange().orElseThrow();
  }

  private static <T> List<T> lastFirst(List<T> items) {
    List<T> reversed = new ArrayList<>(items);
    Collections.reverse(reversed);
    return reversed;
  }

  private static StillpointException refused(String what) {
    return new StillpointException(
        ErrorCode.AGENT_REFUSED,
        what,
        "look at the mounts on this host and at the agent's restore-mounts, then resume");
  }
}
