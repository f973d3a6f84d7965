package io.stillpoint.model;

/**
 * Everything that another worker needs to adopt an open backup cursor: the server ties it to the
 * session id and the user, not to a connection (measured on 4.4.6-8).
 *
 * @param sessionId the UUID sent as lsid with every getMore
 * @param cursorBackupId the server's id for this backup, which extend must name
 * @param checkpoint the checkpoint that the listed files hold; {@link ClusterTime#ZERO} if the
 *     server named none
 * @param oplogEnd an entry that was in the oplog when the cursor opened
 */
public record BackupCursor(
    String cluster,
    String set,
    String member,
    long cursorId,
    String sessionId,
    String cursorBackupId,
    String dbPath,
    ClusterTime checkpoint,
    ClusterTime oplogStart,
    ClusterTime oplogEnd,
    FileListRef files) {

  public BackupCursor withFiles(FileListRef newFiles) {
    return new BackupCursor(
        cluster,
        set,
        member,
        cursorId,
        sessionId,
        cursorBackupId,
        dbPath,
        checkpoint,
        oplogStart,
        oplogEnd,
        newFiles);
  }
}
