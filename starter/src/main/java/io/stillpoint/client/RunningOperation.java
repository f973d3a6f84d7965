package io.stillpoint.client;

import java.time.Instant;

/**
 * An operation that runs now.
 *
 * @param kind backup or restore
 * @param name by the workflow's id; one that a schedule started says itself what it is called
 */
public record RunningOperation(String kind, String name, String workflowId, Instant startedAt) {}
