package io.stillpoint.model;

/**
 * Where the list of one member's files is kept. Lists are long (200,000 files are normal), so they
 * live in the catalog and never in a workflow's history.
 *
 * @param name file name beside the manifest
 * @param files number of entries
 * @param bytes sum of the sizes at listing time
 * @param sha256 hex digest of the list's bytes; a list that does not match is refused
 */
public record FileListRef(String name, long files, long bytes, String sha256) {}
