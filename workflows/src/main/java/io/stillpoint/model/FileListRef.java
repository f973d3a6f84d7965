package io.stillpoint.model;

/**
 * Where the list of one member's files is kept. Lists are long (200,000 files are normal), so they
 * live in the catalog and never in a workflow's history.
 *
 * @param name file name beside the manifest; empty if the list is lost
 * @param files number of entries
 * @param bytes sum of the sizes at listing time
 * @param sha256 hex digest of the list's bytes; a list that does not match is refused
 */
public record FileListRef(String name, long files, long bytes, String sha256) {

  /**
   * The list's catalog was lost and the manifest made anew from the snapshots: only whole volumes
   * can be restored then, and no single file be missed.
   */
  public boolean lost() {
    return name.isEmpty();
  }

  public FileListRef withoutList() {
    return new FileListRef("", files, bytes, "");
  }
}
