package io.stillpoint.sandbox.cloud.ec2;

import io.stillpoint.sandbox.cloud.CloudEndpoint;
import io.stillpoint.sandbox.cloud.CloudTiming;
import io.stillpoint.sandbox.cloud.Fault;
import io.stillpoint.sandbox.cloud.FaultScript;
import io.stillpoint.sandbox.cloud.VolumeDirectories;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * One simulated EC2 region on a free local port, for the unmodified SDK. It knows the calls that
 * snapshots and restores need, their limits per volume, late visibility and scripted faults.
 */
public final class FakeEc2 implements AutoCloseable {

  private final CloudEndpoint endpoint;
  private final Ec2State state = new Ec2State();
  private final VolumeDirectories directories;
  private final InstantSource clock;
  private final Map<String, Function<Ec2Call, Xml>> calls;

  /** Starts to listen at once. */
  public FakeEc2(VolumeDirectories directories, InstantSource clock, CloudTiming timing)
      throws IOException {
    this.directories = directories;
    this.clock = clock;
    SnapshotCalls snapshots = new SnapshotCalls(state, directories, clock, timing);
    VolumeCalls volumes = new VolumeCalls(state, directories, clock, timing);
    calls =
        Map.ofEntries(
            Map.entry("CreateSnapshot", snapshots::create),
            Map.entry("CreateSnapshots", snapshots::createSet),
            Map.entry("CopySnapshot", snapshots::copy),
            Map.entry("DescribeSnapshots", snapshots::describe),
            Map.entry("DeleteSnapshot", snapshots::delete),
            Map.entry("CreateVolume", volumes::create),
            Map.entry("DescribeVolumes", volumes::describe),
            Map.entry("AttachVolume", volumes::attach),
            Map.entry("DetachVolume", volumes::detach),
            Map.entry("DeleteVolume", volumes::delete),
            Map.entry("CreateTags", volumes::createTags),
            Map.entry("DescribeTags", volumes::describeTags),
            Map.entry("DescribeInstances", volumes::describeInstances));
    endpoint = new CloudEndpoint(new Query());
  }

  public URI endpoint() {
    return endpoint.address();
  }

  public FaultScript faults() {
    return endpoint.faults();
  }

  public VolumeDirectories directories() {
    return directories;
  }

  public synchronized void addInstance(String id, String zone) {
    state.instances.put(id, new Ec2State.Instance(id, zone, ""));
  }

  /** An attached gp3 volume with an empty directory behind it. */
  public void addVolume(String id, String instance, String device, int sizeGib) {
    addVolume(id, instance, device, sizeGib, "gp3");
  }

  public synchronized void addVolume(
      String id, String instance, String device, int sizeGib, String type) {
    Ec2State.Volume volume =
        new Ec2State.Volume(
            id, state.instance(instance).zone(), sizeGib, type, true, "", Instant.EPOCH);
    volume.instance = instance;
    volume.device = device;
    state.volumes.put(id, volume);
    directories.createEmpty(id);
  }

  /** The volume is, and always was, without encryption. */
  public synchronized void decrypt(String volume) {
    state.volume(volume).encrypted = false;
    state.volume(volume).kmsKey = "";
  }

  /** The key that a volume is encrypted with; empty if it is not. */
  public synchronized String keyOf(String volume) {
    return state.volume(volume).kmsKey;
  }

  /** From now on snapshots can be copied from that region to this one. */
  public synchronized void connect(String region, FakeEc2 other) {
    state.regions.put(region, other);
    state.useOtherIdsThan(region);
  }

  /** What another region copies. */
  record Source(int sizeGib, boolean encrypted, Path content) {}

  synchronized Source source(String id) {
    Ec2State.Snapshot snapshot = state.snapshot(id, clock.instant());
    if (!snapshot.state(clock.instant()).equals("completed")) {
      throw Ec2Fault.bad("IncorrectState", "Snapshot is not completed");
    }
    return new Source(snapshot.volume.sizeGib, snapshot.encrypted, directories.snapshot(id));
  }

  /** Somebody deletes a volume without asking. */
  public synchronized void removeVolume(String id) {
    state.volumes.remove(id);
  }

  /** From now on the caller lacks this permission, for example {@code ec2:CreateSnapshot}. */
  public synchronized void deny(String permission) {
    state.denied.add(permission);
  }

  /** The next snapshot is created and then fails by itself. */
  public synchronized void failNextSnapshot(String message) {
    state.nextFailure = message;
  }

  public synchronized void archive(String snapshot) {
    state.snapshots.get(snapshot).archived = true;
  }

  public synchronized void lock(String snapshot) {
    state.snapshots.get(snapshot).locked = true;
  }

  /** Ids of the snapshots that exist, hidden ones included. */
  public synchronized List<String> snapshots() {
    return List.copyOf(state.snapshots.keySet());
  }

  public synchronized Map<String, String> tags(String snapshot) {
    return Map.copyOf(state.snapshots.get(snapshot).tags);
  }

  public synchronized List<String> volumes() {
    return List.copyOf(state.volumes.keySet());
  }

  @Override
  public void close() {
    endpoint.close();
  }

  /** Speaks EC2's query protocol. */
  private final class Query implements CloudEndpoint.Protocol {

    @Override
    public String callOf(CloudEndpoint.Request request) {
      Ec2Call call = Ec2Call.parse(request.body());
      return call.flag("DryRun") ? "" : call.action();
    }

    @Override
    public CloudEndpoint.Reply answer(CloudEndpoint.Request request) {
      try {
        return new CloudEndpoint.Reply(200, FakeEc2.this.answer(Ec2Call.parse(request.body())));
      } catch (Ec2Fault e) {
        return new CloudEndpoint.Reply(e.status(), e.xml());
      }
    }

    @Override
    public CloudEndpoint.Reply error(Fault fault) {
      Ec2Fault e = new Ec2Fault(fault.code(), fault.status(), "scripted " + fault.code());
      return new CloudEndpoint.Reply(e.status(), e.xml());
    }

    @Override
    public String contentType() {
      return "text/xml;charset=UTF-8";
    }
  }

  private synchronized String answer(Ec2Call call) {
    Function<Ec2Call, Xml> action = calls.get(call.action());
    if (action == null) {
      throw Ec2Fault.bad(
          "InvalidAction", "The action %s is not simulated".formatted(call.action()));
    }
    if (state.denied.contains("ec2:" + call.action())
        || (state.denied.contains("ec2:CreateTags") && call.has("TagSpecification.1.Tag.1.Key"))) {
      throw new Ec2Fault(
          "UnauthorizedOperation", 403, "You are not authorized to perform this operation.");
    }
    if (call.flag("DryRun")) {
      throw new Ec2Fault(
          "DryRunOperation", 412, "Request would have succeeded, but DryRun flag is set.");
    }
    String name = call.action() + "Response";
    return "<%s xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>%s</requestId>%s</%s>"
        .formatted(name, "at-" + clock.instant().toEpochMilli(), action.apply(call), name);
  }
}
