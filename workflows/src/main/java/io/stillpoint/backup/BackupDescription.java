package io.stillpoint.backup;

import io.stillpoint.model.BalancerSettings;
import io.stillpoint.model.ClusterTime;
import io.stillpoint.model.OperationStatus;
import io.stillpoint.model.SnapshotType;
import java.util.List;
import java.util.Optional;

/** The answer to the query {@code describe}: how one backup stands, set by set. */
public record BackupDescription(
    String backup,
    String cluster,
    SnapshotType type,
    OperationStatus status,
    BackupPhase phase,
    int attempt,
    Optional<ClusterTime> consistentPoint,
    long cursorWindowMillis,
    BalancerSettings balancer,
    List<SetDescription> sets,
    List<String> notes,
    String failure) {

  public BackupDescription {
    sets = List.copyOf(sets);
    notes = List.copyOf(notes);
  }

  /**
   * @param cursorOpenedAtMillis epoch milliseconds by the workflow's clock, 0 before
   * @param holder worker that adopted the cursor last, empty while the first one holds it
   * @param copyFinished the copy is made and fixed ("cut")
   * @param fileList where the list of files is kept, empty before it is known
   */
  public record SetDescription(
      String set,
      String shardId,
      String member,
      String dbPath,
      String state,
      long cursorOpenedAtMillis,
      String cursorBackupId,
      int adoptions,
      String holder,
      String fileList,
      long files,
      long bytes,
      boolean copyFinished,
      boolean ready,
      List<String> snapshots) {
    public SetDescription {
      snapshots = List.copyOf(snapshots);
    }
  }
}
