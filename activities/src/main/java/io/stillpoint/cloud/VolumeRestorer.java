package io.stillpoint.cloud;

import io.stillpoint.model.SnapshotRef;
import java.util.List;
import java.util.Optional;

/**
 * Turns snapshots back into volumes of a machine. Every effect is find-or-create by the name of the
 * restore, so each method may run twice.
 */
public interface VolumeRestorer {

  /**
   * What the new volume should be; empty or zero keeps what the snapshot's volume had, as far as
   * the cloud remembers it.
   *
   * @param zone where the machine is that will get it
   */
  record Shape(String zone, String type, int sizeGib, int iops, int throughput, String kmsKey) {
    public static Shape in(String zone) {
      return new Shape(zone, "", 0, 0, 0, "");
    }

    /** What the configuration asks for goes before what this has. */
    public Shape with(VolumeOptions asked) {
      boolean sameType = asked.type().isEmpty() || asked.type().equals(type);
      return new Shape(
          zone,
          asked.type().isEmpty() ? type : asked.type(),
          asked.sizeGib() > 0 ? asked.sizeGib() : sizeGib,
          asked.iops() > 0 || !sameType ? asked.iops() : iops,
          asked.throughput() > 0 || !sameType ? asked.throughput() : throughput,
          asked.kmsKey().isEmpty() ? kmsKey : asked.kmsKey());
    }
  }

  /**
   * @param member the one that gets the data, not the one that it was cut from
   * @param use {@link FoundVolume#COPY} or {@link FoundVolume#EXCHANGE}
   */
  record Request(
      String restore,
      String backup,
      String member,
      SnapshotRef snapshot,
      Shape shape,
      String use) {}

  /**
   * Creates the volume and waits until it can be attached; returns its id.
   *
   * <p>Errors: SNAPSHOT_FOREIGN (of another backup, set or cursor), SNAPSHOT_INCOMPLETE (not ready,
   * or archived), SNAPSHOT_UNREACHABLE, PROVIDER_*.
   */
  String create(Request request, Runnable alive);

  /**
   * Attaches a volume that {@link #create} made for this restore and waits until it is there.
   *
   * <p>Errors: VOLUME_UNSUITABLE (attached elsewhere, of another restore, wrong zone), PROVIDER_*.
   */
  void attach(String restore, String volume, String instance, String device, Runnable alive);

  /** Detaches and waits; not attached is fine. The caller has unmounted before. */
  void detach(String volume, String instance, Runnable alive);

  /** Ids of the volumes that {@link #create} made in the zone for this restore and member. */
  List<String> made(String restore, String member, String zone);

  /** Deletes a volume that {@link #create} made for this restore; one that is gone is fine. */
  void delete(String restore, String volume);

  /**
   * Checks by the cloud's own means that volumes may be made for, attached to and detached from a
   * machine. Changes nothing.
   *
   * @param live a volume that is attached to it
   *     <p>Errors: PROVIDER_DENIED naming what is missing.
   */
  void requireAllowed(String instance, String zone, String live);

  /**
   * Checks likewise all that one volume of a restore will take, with the very parameters of its
   * creation. Changes nothing.
   *
   * @param instance gets the volume
   * @param live a volume that is attached to it; empty if there is none
   * @param deletesLive the live volume will be deleted once it is replaced
   * @return one sentence for each thing that could not be checked beforehand
   *     <p>Errors: PROVIDER_DENIED naming everything that is missing, and those of {@link #create}.
   */
  List<String> requireAllowed(Request request, String instance, String live, boolean deletesLive);

  /**
   * What protects a snapshot's data: the key's name, or words for the cloud's default; empty if it
   * is not encrypted by the account's choice.
   */
  Optional<String> keyOf(String backup, SnapshotRef snapshot);

  /** The same of a volume. Errors: VOLUME_UNSUITABLE if there is none. */
  Optional<String> keyOf(String volume);

  /** A volume's id as {@link #create} would return it, from what its machine calls it. */
  String id(String name, String zone);

  /** What an existing volume is, so that another can be made like it. Errors: VOLUME_UNSUITABLE. */
  Shape shapeOf(String volume);

  /**
   * Notes on a volume that an earlier restore made that its data was given up; does nothing to
   * volumes of others.
   */
  void markReplaced(String volume);

  /**
   * Deletes a volume that no machine uses, whoever made it; one that is gone is fine. The caller
   * has made sure that it was replaced.
   */
  void dispose(String volume);
}
