package io.stillpoint.cloud;

import java.util.Map;

/** The volumes of a machine, as its cloud knows them. */
public interface AttachedVolumes {

  /**
   * Ids by the name of the device that the cloud attached each as.
   *
   * <p>Errors: VOLUME_UNSUITABLE if there is no such machine, PROVIDER_*.
   */
  Map<String, String> on(String instance, String zone);

  /**
   * Which of a machine's volumes a disk of that machine is.
   *
   * @param attached what {@link #on} answered
   *     <p>Errors: VOLUME_UNSUITABLE if it is none of them, or does not outlive the machine.
   */
  String volumeOf(HostVolumes.Disk disk, Map<String, String> attached);
}
