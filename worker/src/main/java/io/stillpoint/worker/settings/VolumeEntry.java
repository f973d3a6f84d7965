package io.stillpoint.worker.settings;

/**
 * One volume of one member in a cloud.
 *
 * @param member host:port as the replica set's configuration writes it
 * @param role data or journal
 * @param zone empty where the cloud finds it by the volume's id
 */
public record VolumeEntry(
    String member, String role, String instance, String volume, String zone) {}
