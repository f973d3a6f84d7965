package io.stillpoint.client;

import java.time.Instant;

/**
 * An operation that runs now.
 *
 * @param kind backup or restore
 */
public record RunningOperation(String kind, String name, Instant startedAt) {}
