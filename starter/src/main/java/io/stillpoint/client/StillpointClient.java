package io.stillpoint.client;

import io.stillpoint.activity.InventoryActivities.RebuildReport;
import io.stillpoint.activity.RecoveryActivities.Unfinished;
import io.stillpoint.backup.BackupRequest;
import io.stillpoint.catalog.ListBackupsWorkflow;
import io.stillpoint.catalog.ListFilesWorkflow;
import io.stillpoint.catalog.PruneOrphansWorkflow.OrphansRequest;
import io.stillpoint.catalog.PruneOrphansWorkflow.OrphansResult;
import io.stillpoint.catalog.RebuildCatalogWorkflow.RebuildRequest;
import io.stillpoint.check.CheckReport;
import io.stillpoint.check.CheckWorkflow;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.BackupSummary;
import io.stillpoint.model.Manifest;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.policy.TaskQueues;
import io.stillpoint.policy.WorkflowIds;
import io.stillpoint.recover.RecoverClusterRequest;
import io.stillpoint.recover.RecoverClusterResult;
import io.stillpoint.recover.UnfinishedOperationsWorkflow.UnfinishedRequest;
import io.stillpoint.restore.RestoreRequest;
import io.stillpoint.retention.PruneRequest;
import io.stillpoint.retention.PruneResult;
import io.stillpoint.retention.RetentionDecision;
import io.temporal.api.enums.v1.WorkflowIdConflictPolicy;
import io.temporal.api.enums.v1.WorkflowIdReusePolicy;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowExecutionAlreadyStarted;
import io.temporal.client.WorkflowOptions;
import io.temporal.common.converter.DataConverter;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Starts and steers backups and restores. Thread-safe. Every failure is a {@link
 * StillpointException}; a call that reaches nobody fails within seconds.
 */
public final class StillpointClient implements AutoCloseable {
  private static final Duration SHORT = Duration.ofMinutes(2);
  private static final Duration DELETING = Duration.ofHours(1);
  private static final Duration RECOVERING = Duration.ofHours(1);
  private static final int PAGE_OF_FILES = 400;
  private static final Type SUMMARIES = new ListOf(BackupSummary.class);
  private static final Type UNFINISHED = new ListOf(Unfinished.class);
  private static final Type PATHS = new ListOf(String.class);

  private final WorkflowClient client;
  private final boolean owned;
  private final Duration pickUp;

  private StillpointClient(WorkflowClient client, boolean owned, Duration pickUp) {
    this.client = client;
    this.owned = owned;
    this.pickUp = pickUp;
  }

  /** Connects, or throws TEMPORAL_UNREACHABLE or TEMPORAL_REFUSED within about ten seconds. */
  public static StillpointClient connect(ConnectionOptions options) {
    return new StillpointClient(TemporalConnection.open(options), true, WorkflowHandle.PICK_UP);
  }

  /** Uses a client that the caller has and keeps; closing this facade does not close it. */
  public static StillpointClient using(WorkflowClient client) {
    return using(client, WorkflowHandle.PICK_UP);
  }

  /**
   * @param pickUp how long to wait for a worker before NO_WORKER
   */
  public static StillpointClient using(WorkflowClient client, Duration pickUp) {
    return new StillpointClient(client, false, pickUp);
  }

  /**
   * Starts a backup and returns at once.
   *
   * @throws StillpointException BACKUP_EXISTS if a backup had this name before
   */
  public BackupOperation startBackup(BackupRequest request) {
    String name =
        request.backup().orElseGet(() -> WorkflowIds.backupName(request.cluster(), Instant.now()));
    BackupRequest named = request.named(name);
    // A dry run reserves nothing, so its id must not use the backup's name up.
    String id =
        request.dryRun() ? "plan/%s/%s".formatted(name, unique()) : WorkflowIds.backup(name);
    start("SnapshotBackupWorkflow", id, "backup of " + request.cluster(), named);
    return new BackupOperation(name, handle(id, "backup '%s'".formatted(name)), converter());
  }

  /**
   * A handle on a backup that was started before, by whatever means; says nothing about whether it
   * exists.
   */
  public BackupOperation backup(String name) {
    String id = new BackupRuns(client).find(name).orElse(WorkflowIds.backup(name));
    return new BackupOperation(name, handle(id, "backup '%s'".formatted(name)), converter());
  }

  /**
   * Starts a restore and returns at once. Without {@link RestoreRequest#confirm()} it plans and
   * then waits for {@link RestoreOperation#confirm}.
   */
  public RestoreOperation startRestore(RestoreRequest request) {
    String name =
        request.restore().orElseGet(() -> WorkflowIds.restoreName(request.backup(), Instant.now()));
    RestoreRequest named =
        new RestoreRequest(
            request.backup(),
            request.cluster(),
            Optional.of(name),
            request.confirm(),
            request.dryRun(),
            request.manualCopy(),
            request.keepOld(),
            request.map());
    start(
        "SnapshotRestoreWorkflow",
        WorkflowIds.restore(name),
        "restore of " + request.backup(),
        named);
    return restore(name);
  }

  /** A handle on a restore that was started before; says nothing about whether it exists. */
  public RestoreOperation restore(String name) {
    return new RestoreOperation(
        name, handle(WorkflowIds.restore(name), "restore '%s'".formatted(name)), converter());
  }

  /**
   * The backup or restore of this name.
   *
   * @throws StillpointException OPERATION_UNKNOWN if Temporal knows neither
   */
  public Operation operation(String name) {
    BackupRuns runs = new BackupRuns(client);
    Optional<String> backup = runs.find(name);
    if (backup.isPresent()) {
      return new BackupOperation(
          name, handle(backup.get(), "backup '%s'".formatted(name)), converter());
    }
    if (handle(WorkflowIds.restore(name), name).find().isPresent()) {
      return restore(name);
    }
    throw new StillpointException(
        ErrorCode.OPERATION_UNKNOWN,
        "temporal knows neither a backup nor a restore named '%s'".formatted(name),
        runs.attributesMissing()
            ? "stillpoint setup registers the search attributes by which ended backups with a"
                + " workflow id of their own are found; see what runs with: stillpoint status"
            : "see what runs with: stillpoint status");
  }

  /** A handle on one that was found to run. */
  public Operation operation(RunningOperation running) {
    WorkflowHandle workflow =
        handle(running.workflowId(), "%s '%s'".formatted(running.kind(), running.name()));
    return running.kind().equals("backup")
        ? new BackupOperation(running.name(), workflow, converter())
        : new RestoreOperation(running.name(), workflow, converter());
  }

  /** The operations that run now: those of one cluster, or all. */
  public List<RunningOperation> running(Optional<String> cluster) {
    RunningOperations operations = new RunningOperations(client);
    return cluster.map(operations::of).orElseGet(operations::all);
  }

  /**
   * What an operation that can be asked nothing waits for since longer than that, one line each.
   */
  public List<String> waits(RunningOperation running, Duration longerThan) {
    return handle(running.workflowId(), running.workflowId())
        .find()
        .map(d -> PendingActivities.longerThan(longerThan, d, converter()))
        .orElse(List.of());
  }

  /** Backups by the clock. */
  public Schedules schedules() {
    return new Schedules(client);
  }

  /**
   * Registers our search attributes in the namespace; may be called again at any time.
   *
   * @return the names that were missing
   * @throws StillpointException TEMPORAL_REFUSED without the permission, or on a server that keeps
   *     none
   */
  public List<String> registerSearchAttributes() {
    return new SearchAttributeSetup(client).register();
  }

  /**
   * Backups that the catalog knows, newest first.
   *
   * @throws StillpointException CLUSTER_UNKNOWN for one that has none and is not configured
   */
  @SuppressWarnings("unchecked")
  public List<BackupSummary> list(Optional<String> cluster, int limit) {
    return (List<BackupSummary>)
        ask(
            "ListBackupsWorkflow",
            "the list of backups",
            List.class,
            SUMMARIES,
            new ListBackupsWorkflow.ListRequest(cluster, limit));
  }

  /**
   * The checked record of one backup.
   *
   * @throws StillpointException BACKUP_UNKNOWN, MANIFEST_DAMAGED, MANIFEST_VERSION
   */
  public Manifest manifest(String backup) {
    return ask(
        "DescribeBackupWorkflow",
        "the manifest of backup '%s'".formatted(backup),
        Manifest.class,
        Manifest.class,
        backup);
  }

  /**
   * Examines everything that a backup and a restore of the cluster need.
   *
   * @throws StillpointException CLUSTER_UNKNOWN
   */
  public CheckReport check(String cluster, SnapshotType type) {
    return ask(
        "CheckWorkflow",
        "the check of cluster '%s'".formatted(cluster),
        CheckReport.class,
        CheckReport.class,
        new CheckWorkflow.CheckRequest(cluster, type));
  }

  /**
   * Asks a control worker whether it is configured for the cluster; looks at no server.
   *
   * @throws StillpointException CLUSTER_UNKNOWN, NO_WORKER
   */
  public void requireCluster(String cluster) {
    ask(
        "RequireClusterWorkflow",
        "the question for cluster '%s'".formatted(cluster),
        String.class,
        String.class,
        cluster);
  }

  /** The files of one set, relative to its data directory; read page by page. */
  @SuppressWarnings("unchecked")
  public List<String> files(String backup, String set) {
    List<String> all = new ArrayList<>();
    while (true) {
      List<String> page =
          (List<String>)
              ask(
                  "ListFilesWorkflow",
                  "the file list of '%s'".formatted(set),
                  List.class,
                  PATHS,
                  new ListFilesWorkflow.FilesRequest(backup, set, all.size(), PAGE_OF_FILES));
      all.addAll(page);
      if (page.size() < PAGE_OF_FILES) {
        return all;
      }
    }
  }

  /** Deletes a backup's snapshots and manifest; a second call joins the first. */
  public String deleteBackup(String backup) {
    String id = "delete/" + backup;
    WorkflowOptions options =
        options(id, "delete backup " + backup)
            .setWorkflowIdReusePolicy(
                WorkflowIdReusePolicy.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE)
            .setWorkflowIdConflictPolicy(
                WorkflowIdConflictPolicy.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING)
            .build();
    startWith("DeleteBackupWorkflow", options, backup);
    return handle(id, "the deletion of backup '%s'".formatted(backup))
        .result(DELETING, String.class, String.class);
  }

  /**
   * Applies retention to a cluster: deletes what it does not keep, or only tells in a dry run.
   *
   * @throws StillpointException CLUSTER_BUSY, BAD_INPUT without any rule
   */
  public PruneOutcome prune(PruneRequest request) {
    String what = "retention of " + request.cluster();
    String id =
        request.dryRun()
            ? "plan/prune/%s/%s".formatted(request.cluster(), unique())
            : WorkflowIds.prune(request.cluster());
    WorkflowOptions options =
        options(id, what)
            .setWorkflowIdReusePolicy(
                WorkflowIdReusePolicy.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE)
            .build();
    try {
      client.newUntypedWorkflowStub("PruneWorkflow", options).start(request);
    } catch (WorkflowExecutionAlreadyStarted e) {
      throw new StillpointException(
          ErrorCode.CLUSTER_BUSY,
          "retention of cluster '%s' is being applied already".formatted(request.cluster()),
          "wait until it has ended, then try again",
          e);
    } catch (RuntimeException e) {
      throw ClientErrors.of(e, id);
    }
    WorkflowHandle handle = handle(id, what);
    handle.awaitPickedUp();
    PruneResult result = handle.result(DELETING, PruneResult.class, PruneResult.class);
    return new PruneOutcome(result, List.of(handle.query("decisions", RetentionDecision[].class)));
  }

  /**
   * Finds and mends what operations left behind that could not clean up; a second call joins the
   * first.
   *
   * @throws StillpointException CLUSTER_BUSY while an operation runs; OPERATION_UNKNOWN if it still
   *     runs after an hour
   */
  public RecoverClusterResult recover(RecoverClusterRequest request) {
    // A search and a mending are different questions; each is asked once at a time.
    String id = WorkflowIds.recover(request.cluster()) + (request.dryRun() ? "/dry-run" : "");
    WorkflowOptions options =
        options(id, "recover " + request.cluster())
            .setWorkflowIdReusePolicy(
                WorkflowIdReusePolicy.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE)
            .setWorkflowIdConflictPolicy(
                WorkflowIdConflictPolicy.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING)
            .build();
    startWith("RecoverClusterWorkflow", options, request);
    return handle(id, "the recovery of cluster '%s'".formatted(request.cluster()))
        .result(RECOVERING, RecoverClusterResult.class, RecoverClusterResult.class);
  }

  /**
   * Operations that have ended, though they never gave back or took back what they had recorded.
   *
   * @param cluster absent means all
   */
  @SuppressWarnings("unchecked")
  public List<Unfinished> unfinished(Optional<String> cluster) {
    return (List<Unfinished>)
        ask(
            "UnfinishedOperationsWorkflow",
            "the search for what ended half done",
            List.class,
            UNFINISHED,
            new UnfinishedRequest(cluster));
  }

  /**
   * Makes manifests for complete backups that the catalog lost, from their snapshots alone.
   *
   * @param dryRun say only what would be made
   */
  public RebuildReport rebuildCatalog(String cluster, boolean dryRun) {
    return join(
        "RebuildCatalogWorkflow",
        "rebuild/%s%s".formatted(cluster, dryRun ? "/plan" : ""),
        "the rebuilding of the catalog of '%s'".formatted(cluster),
        RebuildReport.class,
        new RebuildRequest(cluster, dryRun));
  }

  /**
   * The snapshots of a cluster that belong to no backup.
   *
   * @param delete delete them as well
   */
  public OrphansResult orphans(String cluster, boolean delete) {
    return join(
        "PruneOrphansWorkflow",
        "orphans/%s%s".formatted(cluster, delete ? "" : "/look"),
        "the search for orphans of '%s'".formatted(cluster),
        OrphansResult.class,
        new OrphansRequest(cluster, delete));
  }

  /** Starts a workflow, or joins the one of this id that runs, and waits for its result. */
  private <R> R join(String workflow, String id, String what, Class<R> type, Object argument) {
    WorkflowOptions options =
        options(id, what)
            .setWorkflowIdReusePolicy(
                WorkflowIdReusePolicy.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE)
            .setWorkflowIdConflictPolicy(
                WorkflowIdConflictPolicy.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING)
            .build();
    startWith(workflow, options, argument);
    return handle(id, what).result(DELETING, type, type);
  }

  @Override
  public void close() {
    if (owned) {
      client.getWorkflowServiceStubs().shutdownNow();
    }
  }

  private <R> R ask(String workflow, String what, Class<R> type, Type generic, Object argument) {
    String id = "ask/%s/%s".formatted(workflow, unique());
    // A question nobody takes up must not be answered hours later.
    WorkflowOptions options = options(id, what).setWorkflowExecutionTimeout(SHORT).build();
    startWith(workflow, options, argument);
    return handle(id, what).result(SHORT, type, generic);
  }

  private void start(String workflow, String id, String summary, Object argument) {
    WorkflowOptions options =
        options(id, summary)
            .setWorkflowIdReusePolicy(
                WorkflowIdReusePolicy.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE)
            .build();
    startWith(workflow, options, argument);
  }

  private void startWith(String workflow, WorkflowOptions options, Object argument) {
    try {
      client.newUntypedWorkflowStub(workflow, options).start(argument);
    } catch (WorkflowExecutionAlreadyStarted e) {
      throw new StillpointException(
          ErrorCode.BACKUP_EXISTS,
          "'%s' exists already".formatted(options.getWorkflowId()),
          "choose another name with --name, or look at that one with: stillpoint watch "
              + options.getWorkflowId().substring(options.getWorkflowId().indexOf('/') + 1),
          e);
    } catch (RuntimeException e) {
      throw ClientErrors.of(e, options.getWorkflowId());
    }
  }

  private static WorkflowOptions.Builder options(String id, String summary) {
    return WorkflowOptions.newBuilder()
        .setWorkflowId(id)
        .setTaskQueue(TaskQueues.CONTROL)
        .setStaticSummary(summary);
  }

  private WorkflowHandle handle(String workflowId, String what) {
    return new WorkflowHandle(client, workflowId, what, pickUp);
  }

  private DataConverter converter() {
    return client.getOptions().getDataConverter();
  }

  private static String unique() {
    return UUID.randomUUID().toString().substring(0, 8);
  }

  /** The type {@code List<element>}, which Java has no literal for. */
  private record ListOf(Class<?> element) implements ParameterizedType {
    @Override
    public Type[] getActualTypeArguments() {
      return new Type[] {element};
    }

    @Override
    public Type getRawType() {
      return List.class;
    }

    @Override
    public Type getOwnerType() {
      return null;
    }
  }
}
