package io.stillpoint.sim;

import io.stillpoint.activity.CursorActivities.CopiedRequest;
import io.stillpoint.activity.NodeActivities.RecoverReport;
import io.stillpoint.activity.RecoveryActivities.RestoreMark;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.Failures;
import io.stillpoint.model.BackupCursor;
import io.stillpoint.model.BalancerSettings;
import io.stillpoint.model.ClusterTime;
import io.stillpoint.model.ClusterTopology;
import io.stillpoint.model.FileListRef;
import io.stillpoint.model.MemberState;
import io.stillpoint.model.ReplicaSetRole;
import io.stillpoint.model.ReplicaSetState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * A cluster, its hosts and its clouds in memory, just true enough to tell a right workflow from a
 * wrong one: it knows which cursor was open at every cut and which data every member runs on.
 * Thread-safe by one lock.
 */
public final class World {

  /** One server's backup cursor. */
  public static final class Cursor {
    final String owner;
    final int attempt;
    final BackupCursor handle;
    boolean open = true;
    boolean finished;
    boolean extended;

    Cursor(String owner, int attempt, BackupCursor handle) {
      this.owner = owner;
      this.attempt = attempt;
      this.handle = handle;
    }
  }

  /** A snapshot, and what was true when it was cut. */
  public record Cut(
      String backup,
      int attempt,
      String member,
      long cursorId,
      boolean cursorOpen,
      boolean extended) {

    String id() {
      return "%s/%s/%d".formatted(backup, member, attempt);
    }
  }

  /** A host: what its data directory holds and whether its mongod runs. */
  public static final class Host {
    String data = "live";
    String stage = "";
    String old = "";
    boolean running = true;
    boolean recovered;
    boolean oldRecovered;
    String restore = "";
    final Set<String> endedRestores = new TreeSet<>();
    boolean agentAlive = true;

    /** Who runs on what, for assertions. */
    /** Whether the data that a restore replaced is still there. */
    public boolean keepsOldData() {
      return !old.isEmpty();
    }

    public String describe() {
      return (running ? "running on " : "stopped with ") + data + (recovered ? ", recovered" : "");
    }
  }

  static final String CLUSTER = "shop";
  private static final int MOST_LOOKS = 100;

  public final Map<String, Host> hosts = new TreeMap<>();
  public final List<Cut> snapshots = new ArrayList<>();
  public final Map<String, Cursor> cursors = new TreeMap<>();
  public BalancerSettings balancer = new BalancerSettings("{\"mode\":\"full\"}", "", true);
  public final Map<String, BalancerSettings> savedBalancers = new LinkedHashMap<>();
  public final Map<String, RestoreMark> marks = new LinkedHashMap<>();
  public boolean balancerRunning = true;

  /** Cursors that were proven after the copy, on record. */
  private final Set<String> proven = new TreeSet<>();

  /** A copy is ready when it is cut; a cloud's snapshot only later. */
  /** Members whose stage lacks a file that a person should have copied. */
  public final Set<String> incompleteCopies = ConcurrentHashMap.newKeySet();

  /** Members whose next start is answered, but whose server ends soon after. */
  public final Set<String> endsAfterStart = ConcurrentHashMap.newKeySet();

  public boolean readyWhenCut;

  /** A cluster on which putting the old data back is answered, but not done. */
  public boolean undoForgotten;

  /** Where finished snapshots are copied to; empty for nowhere. */
  public String copyTo = "";

  /** If not zero, who keeps a cursor alive goes away at once, and another comes after this time. */
  public Duration keeperLeavesFor = Duration.ZERO;

  public volatile int keepAlives;

  /** Who keeps a cursor alive just now. */
  final AtomicInteger keepers = new AtomicInteger();

  /** Names of webhooks; "broken" refuses everything. */
  public List<String> webhooks = List.of();

  /** What arrived: name and event. */
  public final List<String> notices = new ArrayList<>();

  public int quietCalls;
  public int inFlightAtPoint;

  /** The cluster's shard id by set, where it is not the set's name. */
  public final Map<String, String> shardIds = new TreeMap<>();

  /** Ids that were written into the restored config server. */
  public Map<String, String> renamed = Map.of();

  private final Map<String, ReplicaSetRole> sets = new LinkedHashMap<>();
  private final Map<String, String> added = new LinkedHashMap<>();
  private final int membersPerSet;
  private long nextCursorId = 1000;
  private long clock = 100;

  public World(int shards, int membersPerSet) {
    this.membersPerSet = membersPerSet;
    if (shards == 0) {
      sets.put("rs", ReplicaSetRole.REPLICA_SET);
    } else {
      sets.put("cfg", ReplicaSetRole.CONFIG_SERVER);
      for (int i = 0; i < shards; i++) {
        sets.put("s" + i, ReplicaSetRole.SHARD);
      }
    }
    sets.keySet().forEach(s -> members(s).forEach(m -> hosts.put(m, new Host())));
  }

  /** To be said before the simulation starts: nobody serves this member's task queue. */
  public void withoutAgent(String member) {
    hosts.get(member).agentAlive = false;
  }

  /** Of the set's own configuration only: it has no agent. */
  public synchronized void addMember(String set, String address) {
    added.put(address, set);
  }

  /**
   * Until those that were told to end have: the in-memory server skips no time any more once a
   * workflow ended before its activities. In a task of the workflow they cannot have been told yet.
   */
  void awaitKeepers() {
    for (int i = 0; i < MOST_LOOKS && keepers.get() > 0; i++) {
      LockSupport.parkNanos(10_000_000);
    }
  }

  int topologySize() {
    return sets.size();
  }

  public boolean sharded() {
    return sets.size() > 1;
  }

  public List<String> members(String set) {
    return Stream.iterate(0, i -> i + 1)
        .limit(membersPerSet)
        .map(i -> set + "-" + i + ":27017")
        .toList();
  }

  synchronized ClusterTopology topology() {
    List<ReplicaSetState> states = new ArrayList<>();
    sets.forEach(
        (name, role) -> {
          List<MemberState> members = new ArrayList<>();
          List<String> addresses = new ArrayList<>(members(name));
          added.forEach(
              (address, set) -> {
                if (set.equals(name)) {
                  addresses.add(address);
                }
              });
          for (String address : addresses) {
            boolean primary = address.equals(members(name).get(0));
            members.add(
                new MemberState(
                    address,
                    primary ? "PRIMARY" : "SECONDARY",
                    false,
                    1,
                    false,
                    0,
                    0,
                    "4.4.6-8",
                    "/data/" + address,
                    true));
          }
          states.add(
              new ReplicaSetState(
                  name,
                  role.isConfigServer() ? "config" : shardIds.getOrDefault(name, name),
                  role,
                  "4.4",
                  false,
                  1,
                  members));
        });
    return new ClusterTopology(
        CLUSTER, sharded() ? "abc" : "", sharded(), states, List.of(), List.of());
  }

  synchronized BackupCursor open(String owner, int attempt, String set, String member) {
    Cursor present = cursors.get(member);
    if (present != null && present.open) {
      if (!present.owner.equals(owner)) {
        throw Failures.of(ErrorCode.CURSOR_BUSY, "cursor of " + present.owner, "");
      }
      present.open = false;
    }
    long id = nextCursorId++;
    BackupCursor handle =
        new BackupCursor(
            CLUSTER,
            set,
            member,
            id,
            "lsid-" + id,
            "backup-" + id,
            "/data/" + member,
            new ClusterTime(clock - 1, 1),
            new ClusterTime(1, 1),
            new ClusterTime(clock, 1),
            new FileListRef(set + ".files", 3, 300, "00"));
    cursors.put(member, new Cursor(owner, attempt, handle));
    clock++;
    return handle;
  }

  synchronized ClusterTime point() {
    return new ClusterTime(clock, 7);
  }

  synchronized void extend(BackupCursor cursor) {
    alive(cursor).extended = true;
  }

  /** The server's answer to a getMore. */
  synchronized Cursor alive(BackupCursor cursor) {
    Cursor present = cursors.get(cursor.member());
    if (present == null || !present.open || present.handle.cursorId() != cursor.cursorId()) {
      throw Failures.of(
          ErrorCode.CURSOR_LOST, "cursor id %d not found".formatted(cursor.cursorId()), "");
    }
    return present;
  }

  /** A keeper hears of the end with its next heartbeat, mostly before it sees the cursor gone. */
  synchronized void kept(BackupCursor cursor) {
    Cursor present = cursors.get(cursor.member());
    if (present == null || !present.finished || present.handle.cursorId() != cursor.cursorId()) {
      alive(cursor);
    }
  }

  /**
   * @return false if it was on record
   */
  synchronized boolean proveCopied(CopiedRequest copied) {
    if (proven.contains(copied.toString())) {
      return false;
    }
    copied.cursors().forEach(this::alive);
    return true;
  }

  synchronized boolean recordProof(CopiedRequest copied) {
    return proven.add(copied.toString());
  }

  synchronized boolean close(BackupCursor cursor) {
    Cursor present = cursors.get(cursor.member());
    boolean killed =
        present != null && present.open && present.handle.cursorId() == cursor.cursorId();
    if (killed) {
      present.open = false;
      present.finished = true;
    }
    return killed;
  }

  synchronized int closeOrphans(String owner, String member) {
    Cursor present = cursors.get(member);
    if (present == null || !present.open || !present.owner.equals(owner)) {
      return 0;
    }
    present.open = false;
    return 1;
  }

  /** What a restart or a killCursors by somebody else does. */
  public synchronized void loseCursor(String member) {
    cursors.get(member).open = false;
  }

  synchronized void cut(String backup, int attempt, BackupCursor cursor) {
    boolean there =
        snapshots.stream()
            .anyMatch(
                s ->
                    s.backup().equals(backup)
                        && s.attempt() == attempt
                        && s.member().equals(cursor.member()));
    if (there) {
      return;
    }
    Cursor present = cursors.get(cursor.member());
    boolean same = present != null && present.handle.cursorId() == cursor.cursorId();
    snapshots.add(
        new Cut(
            backup,
            attempt,
            cursor.member(),
            cursor.cursorId(),
            same && present.open,
            same && present.extended));
  }

  synchronized void deleteCuts(String backup, int attempt, String member) {
    snapshots.removeIf(
        s -> s.backup().equals(backup) && s.attempt() == attempt && s.member().equals(member));
  }

  synchronized boolean mark(RestoreMark mark) {
    return marks.putIfAbsent(mark.operation(), mark) == null;
  }

  synchronized boolean unmark(String operation) {
    return marks.remove(operation) != null;
  }

  synchronized Host host(String member) {
    return hosts.get(member);
  }

  synchronized void rename(Map<String, String> ids) {
    members("cfg")
        .forEach(
            m -> {
              if (!hosts.get(m).running) {
                throw new IllegalStateException("shards are renamed while " + m + " is down");
              }
            });
    renamed = ids;
  }

  /** What the server of a shard would do with chunks that name other shards. */
  synchronized void start(String member) {
    Host host = hosts.get(member);
    boolean restored = !host.data.equals("live");
    if (restored && !host.recovered) {
      throw new IllegalStateException("started without recovery");
    }
    if (restored && !member.startsWith("cfg") && renamed.size() != shardIds.size()) {
      throw new IllegalStateException(member + " aborts: it is registered under its old id");
    }
    host.running = !endsAfterStart.remove(member);
  }

  synchronized RecoverReport recover(String member, ClusterTime checkpoint, ClusterTime last) {
    Host host = hosts.get(member);
    if (host.running) {
      throw new IllegalStateException("recovered while " + member + " runs");
    }
    if (host.data.equals("live")) {
      throw new IllegalStateException("recovered the live data of " + member);
    }
    host.recovered = true;
    return new RecoverReport(member, checkpoint, last, 5, false);
  }
}
