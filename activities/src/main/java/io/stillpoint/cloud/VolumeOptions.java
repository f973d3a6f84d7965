package io.stillpoint.cloud;

/**
 * What the volumes of restores should be where the live ones are no example; zero and empty text
 * keep what those have.
 *
 * @param type the cloud's name for it, such as gp3 or pd-ssd
 * @param throughput in MiB/s
 */
public record VolumeOptions(String type, int sizeGib, int iops, int throughput, String kmsKey) {

  public static final VolumeOptions AS_THEY_WERE = new VolumeOptions("", 0, 0, 0, "");
}
