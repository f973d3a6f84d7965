package io.stillpoint.worker.settings;

/**
 * Where /health and /prometheus answer.
 *
 * @param port 0 means any free port; it is logged
 */
public record Health(String address, int port) {}
