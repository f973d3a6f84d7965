package io.stillpoint.sandbox.cloud.gce;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stillpoint.sandbox.cloud.CloudEndpoint;
import io.stillpoint.sandbox.cloud.CloudTiming;
import io.stillpoint.sandbox.cloud.Fault;
import io.stillpoint.sandbox.cloud.FaultScript;
import io.stillpoint.sandbox.cloud.VolumeDirectories;
import io.stillpoint.sandbox.cloud.gce.ComputeState.Attachment;
import io.stillpoint.sandbox.cloud.gce.ComputeState.Disk;
import io.stillpoint.sandbox.cloud.gce.ComputeState.Instance;
import io.stillpoint.sandbox.cloud.gce.ComputeState.Operation;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * One simulated Compute project on a free local port, for the unmodified client library. Names,
 * request ids and the limit per disk work as in the real one.
 */
public final class FakeCompute implements AutoCloseable {

  private final ComputeState state = new ComputeState();
  private final VolumeDirectories directories;
  private final InstantSource clock;
  private final SnapshotResource snapshots;
  private final Map<String, Function<ComputeCall, ObjectNode>> calls;
  private final CloudEndpoint endpoint;

  /** Starts to listen at once. */
  public FakeCompute(VolumeDirectories directories, InstantSource clock, CloudTiming timing)
      throws IOException {
    this.directories = directories;
    this.clock = clock;
    snapshots = new SnapshotResource(state, directories, clock, timing);
    DiskResource disks = new DiskResource(state, directories, clock, timing);
    calls =
        Map.ofEntries(
            Map.entry("snapshots.insert", snapshots::insert),
            Map.entry("snapshots.get", snapshots::get),
            Map.entry("snapshots.list", snapshots::list),
            Map.entry("snapshots.delete", snapshots::delete),
            Map.entry("snapshots.setLabels", snapshots::setLabels),
            Map.entry("snapshots.testIamPermissions", disks::testSnapshotPermissions),
            Map.entry("disks.createSnapshot", snapshots::insertOfDisk),
            Map.entry("disks.get", disks::get),
            Map.entry("disks.list", disks::list),
            Map.entry("disks.aggregatedList", disks::listAll),
            Map.entry("disks.setLabels", disks::setLabels),
            Map.entry("disks.insert", disks::insert),
            Map.entry("disks.delete", disks::delete),
            Map.entry("disks.testIamPermissions", disks::testPermissions),
            Map.entry("instances.get", disks::getInstance),
            Map.entry("instances.testIamPermissions", disks::testInstancePermissions),
            Map.entry("instances.attachDisk", disks::attach),
            Map.entry("instances.detachDisk", disks::detach),
            Map.entry("operations.get", this::getOperation));
    endpoint = new CloudEndpoint(new Rest());
  }

  public URI endpoint() {
    return endpoint.address();
  }

  public FaultScript faults() {
    return endpoint.faults();
  }

  /** From now on every call takes so long before it has its effect. */
  public void delay(Duration time) {
    endpoint.delay(time);
  }

  public VolumeDirectories directories() {
    return directories;
  }

  public synchronized void addInstance(String zone, String name) {
    state.instances.put(
        ComputeState.key(zone, name), new Instance(zone, name, new LinkedHashMap<>()));
  }

  /** An attached disk with an empty directory behind it. */
  public synchronized void addDisk(
      String zone, String name, String instance, String device, int sizeGb) {
    Disk disk = new Disk(state.newId(), zone, name, sizeGb, "pd-ssd", "", Instant.EPOCH);
    disk.users.add("zones/%s/instances/%s".formatted(zone, instance));
    state.disks.put(ComputeState.key(zone, name), disk);
    state.instance(zone, instance).disks().put(device, new Attachment(device, name));
    directories.createEmpty(name);
  }

  /** The disk is, and always was, encrypted with this key of the account's. */
  public synchronized void encrypt(String zone, String disk, String kmsKey) {
    state.disk(zone, disk).kmsKey = kmsKey;
  }

  /** The key that a disk is encrypted with; empty for the cloud's own. */
  public synchronized String keyOf(String zone, String disk) {
    return state.disk(zone, disk).kmsKey;
  }

  /** The key and the place that a snapshot was asked for, or got. */
  public synchronized List<String> keyAndLocationOf(String snapshot) {
    return List.of(
        state.snapshots.get(snapshot).kmsKey, state.snapshots.get(snapshot).storageLocation);
  }

  /** Somebody deletes a disk without asking. */
  public synchronized void removeDisk(String zone, String name) {
    state.disks.remove(ComputeState.key(zone, name));
  }

  /** From now on the caller lacks this permission. */
  public synchronized void deny(String permission) {
    state.denied.add(permission);
  }

  /** The next snapshot is created and then fails by itself. */
  public synchronized void failNextSnapshot() {
    state.failNext = true;
  }

  public synchronized void archive(String snapshot) {
    state.snapshots.get(snapshot).snapshotType = "ARCHIVE";
  }

  /** Names of the snapshots that exist, hidden ones included. */
  public synchronized List<String> snapshots() {
    return List.copyOf(state.snapshots.keySet());
  }

  public synchronized List<String> disks() {
    return state.disks.values().stream().map(disk -> disk.name).toList();
  }

  @Override
  public void close() {
    endpoint.close();
  }

  private synchronized String answer(ComputeCall call) {
    Function<ComputeCall, ObjectNode> action = calls.get(call.api());
    if (action == null) {
      throw ComputeFault.notFound(call.api() + ", which is not simulated,");
    }
    if (state.denied.contains("compute." + call.api().replace("insert", "create"))) {
      throw new ComputeFault(
          403, "forbidden", "Required 'compute.%s' permission".formatted(call.api()));
    }
    snapshots.settle();
    String before = state.operationsByRequest.get(call.parameter("requestId"));
    ObjectNode json =
        before == null
            ? action.apply(call)
            : ComputeState.json(state.operations.get(before), call.project(), clock.instant());
    return json.toString();
  }

  private ObjectNode getOperation(ComputeCall call) {
    Operation operation = state.operations.get(call.name());
    if (operation == null) {
      throw ComputeFault.notFound("operations/" + call.name());
    }
    return ComputeState.json(operation, call.project(), clock.instant());
  }

  /** Speaks REST and JSON. */
  private final class Rest implements CloudEndpoint.Protocol {

    @Override
    public String callOf(CloudEndpoint.Request request) {
      return ComputeCall.parse(request).api();
    }

    @Override
    public CloudEndpoint.Reply answer(CloudEndpoint.Request request) {
      try {
        return new CloudEndpoint.Reply(200, FakeCompute.this.answer(ComputeCall.parse(request)));
      } catch (ComputeFault e) {
        return new CloudEndpoint.Reply(e.status(), e.json());
      }
    }

    @Override
    public CloudEndpoint.Reply error(Fault fault) {
      ComputeFault e = new ComputeFault(fault.status(), fault.code(), "scripted " + fault.code());
      return new CloudEndpoint.Reply(e.status(), e.json());
    }

    @Override
    public String contentType() {
      return "application/json; charset=UTF-8";
    }
  }
}
