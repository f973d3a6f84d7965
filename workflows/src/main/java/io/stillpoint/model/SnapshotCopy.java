package io.stillpoint.model;

/**
 * A finished copy of a snapshot in another place of its cloud.
 *
 * @param place the cloud's name for it: a region
 * @param id the copy's own
 */
public record SnapshotCopy(String place, String id) {}
