package io.stillpoint.worker.settings;

import java.time.Duration;

/**
 * @param keepAlive how often an open backup cursor gets a getMore; the server drops it after ten
 *     idle minutes
 * @param heartbeat the longest time between two heartbeats of a running activity
 * @param drain how long a stopping worker lets running activities finish
 */
public record Timing(Duration keepAlive, Duration heartbeat, Duration drain) {}
