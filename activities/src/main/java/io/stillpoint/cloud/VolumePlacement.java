package io.stillpoint.cloud;

/**
 * Where one of a member's volumes is. Volumes of one member that have the same role carry one file
 * system together (LVM, RAID) and can only be cut as a set.
 *
 * @param member host:port as the replica set's configuration writes it
 * @param role what the volume is to the member: {@code data}, {@code journal}
 * @param instance the machine that it is attached to: i-…, or an instance's name
 * @param volume vol-…, or a disk's name
 * @param zone availability zone; empty where the cloud finds it by the volume's id
 */
public record VolumePlacement(
    String member, String role, String instance, String volume, String zone) {}
