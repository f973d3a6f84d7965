package io.stillpoint.worker.settings;

/**
 * Which build of the program this control worker is. Temporal then keeps every operation on the
 * build that began it, so that a new build does not disturb running backups.
 */
public record DeploymentEntry(String name, String buildId) {}
