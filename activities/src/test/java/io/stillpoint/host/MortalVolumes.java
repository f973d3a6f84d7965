package io.stillpoint.host;

import io.stillpoint.activity.NodeActivities.StageRequest;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.provider.VolumeExchange;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Two live places in memory; the caller can be killed just before or just after any effect. */
final class MortalVolumes implements VolumeExchange {

  static final List<String> OLD = List.of("vol-old-data", "vol-old-journal");
  static final List<String> NEW = List.of("vol-new-data", "vol-new-journal");

  /** What a kill looks like from inside. */
  static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  final List<String> mounted = new ArrayList<>(OLD);
  final Set<String> attached = new LinkedHashSet<>(OLD);
  private final Path state;
  private int left;
  private boolean after;

  MortalVolumes(Path state) {
    this.state = state;
    attached.addAll(NEW);
  }

  /** Dies at the nth effect from now. */
  void dieAt(int effects, boolean afterIt) {
    left = effects;
    after = afterIt;
  }

  void live() {
    left = 0;
  }

  void effect(Runnable work) {
    left--;
    if (left == 0 && !after) {
      throw new Killed();
    }
    work.run();
    if (left == 0) {
      throw new Killed();
    }
  }

  @Override
  public SnapshotType type() {
    return SnapshotType.EBS;
  }

  @Override
  public boolean serves(String member) {
    return true;
  }

  @Override
  public Path stateDirectory(String member) {
    return state;
  }

  @Override
  public List<String> live(String member) {
    return List.copyOf(mounted);
  }

  @Override
  public void requireAllowed(String member, List<String> live) {
    // Everything is.
  }

  @Override
  public List<String> plan(StageRequest request, List<String> live) {
    return List.of();
  }

  @Override
  public Fresh open(StageRequest request, List<String> live, Runnable alive) {
    return new Fresh(NEW, state);
  }

  @Override
  public void closeAside(String member, Runnable alive) {
    // Nothing is mounted aside here.
  }

  @Override
  public void unmount(String member, Runnable alive) {
    for (int i = mounted.size() - 1; i >= 0; i--) {
      int place = i;
      if (!mounted.get(place).isEmpty()) {
        effect(() -> mounted.set(place, ""));
      }
    }
  }

  @Override
  public void mount(String member, List<String> volumes, Runnable alive) {
    for (int i = 0; i < volumes.size(); i++) {
      int place = i;
      String wanted = volumes.get(i);
      if (mounted.get(place).equals(wanted)) {
        continue;
      }
      if (!mounted.get(place).isEmpty() || !attached.contains(wanted)) {
        throw new IllegalStateException("cannot mount %s over %s".formatted(wanted, mounted));
      }
      effect(() -> mounted.set(place, wanted));
    }
  }

  @Override
  public void discard(String restore, String member, Runnable alive) {
    if (NEW.stream().anyMatch(mounted::contains)) {
      throw new IllegalStateException("live volumes cannot be discarded");
    }
    effect(() -> attached.removeAll(NEW));
  }

  @Override
  public void release(String member, List<String> volumes, Runnable alive) {
    if (volumes.stream().anyMatch(mounted::contains)) {
      throw new IllegalStateException("live volumes cannot be released");
    }
    effect(() -> attached.removeAll(volumes));
  }
}
