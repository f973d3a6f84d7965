package io.stillpoint.sandbox.mongod.storage;

/**
 * A run of bytes in a data file.
 *
 * @param generation the checkpoint generation that wrote it
 */
record Extent(long offset, int length, long generation) {}
