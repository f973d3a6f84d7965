package io.stillpoint.sandbox.cloud.gce;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Everything that exists in the simulated project. Guarded by the endpoint's lock. */
final class ComputeState {

  static final class Disk {
    final String id;
    final String zone;
    final String name;
    final long sizeGb;
    final String type;
    final String fromSnapshot;
    final Instant readyAt;
    final Map<String, String> labels = new LinkedHashMap<>();
    final Set<String> users = new LinkedHashSet<>();
    final List<Instant> cuts = new ArrayList<>();
    String kmsKey = "";
    String description = "";
    long generation = 1;
    Instant createdAt = Instant.EPOCH;

    Disk(
        String id,
        String zone,
        String name,
        long sizeGb,
        String type,
        String fromSnapshot,
        Instant readyAt) {
      this.id = id;
      this.zone = zone;
      this.name = name;
      this.sizeGb = sizeGb;
      this.type = type;
      this.fromSnapshot = fromSnapshot;
      this.readyAt = readyAt;
    }
  }

  static final class Snapshot {
    final String id;
    final String name;
    final Disk disk;
    final Instant createdAt;
    final Instant visibleAt;
    final Instant fixedAt;
    final Instant readyAt;
    final String description;
    Map<String, String> labels = new LinkedHashMap<>();
    String snapshotType = "STANDARD";
    String project = "";
    String kmsKey = "";
    String storageLocation = "";
    long generation = 1;
    boolean fixed;
    boolean failed;

    Snapshot(
        String id,
        String name,
        Disk disk,
        Instant createdAt,
        Instant visibleAt,
        Instant fixedAt,
        Instant readyAt,
        String description) {
      this.id = id;
      this.name = name;
      this.disk = disk;
      this.createdAt = createdAt;
      this.visibleAt = visibleAt;
      this.fixedAt = fixedAt;
      this.readyAt = readyAt;
      this.description = description;
    }

    String status(Instant now) {
      if (failed) {
        return "FAILED";
      }
      if (now.isBefore(fixedAt)) {
        return "CREATING";
      }
      return now.isBefore(readyAt) ? "UPLOADING" : "READY";
    }
  }

  record Attachment(String deviceName, String disk) {}

  record Instance(String zone, String name, Map<String, Attachment> disks) {}

  /**
   * @param errorCode empty if it did or will succeed
   */
  record Operation(
      String name, String zone, String target, Instant doneAt, String errorCode, String message) {}

  final Map<String, Disk> disks = new LinkedHashMap<>();
  final Map<String, Snapshot> snapshots = new LinkedHashMap<>();
  final Map<String, Instance> instances = new LinkedHashMap<>();
  final Map<String, Operation> operations = new HashMap<>();
  final Map<String, String> operationsByRequest = new HashMap<>();
  final Set<String> denied = new LinkedHashSet<>();
  boolean failNext;
  private long counter = 4_100_000_000_000_000_000L;

  String newId() {
    counter += 7919;
    return String.valueOf(counter);
  }

  static String key(String zone, String name) {
    return zone + "/" + name;
  }

  Disk disk(String zone, String name) {
    Disk disk = disks.get(key(zone, name));
    if (disk == null) {
      throw ComputeFault.notFound("zones/%s/disks/%s".formatted(zone, name));
    }
    return disk;
  }

  Snapshot snapshot(String project, String name, Instant now) {
    Snapshot snapshot = snapshots.get(name);
    if (snapshot == null || !snapshot.project.equals(project) || now.isBefore(snapshot.visibleAt)) {
      throw ComputeFault.notFound("global/snapshots/" + name);
    }
    return snapshot;
  }

  Instance instance(String zone, String name) {
    Instance instance = instances.get(key(zone, name));
    if (instance == null) {
      throw ComputeFault.notFound("zones/%s/instances/%s".formatted(zone, name));
    }
    return instance;
  }

  /** What a mutation answers; a repeated request id gets the first one's again. */
  ObjectNode operation(
      ComputeCall call, String target, Instant doneAt, String errorCode, Instant now) {
    String name = "operation-" + newId();
    operations.put(
        name, new Operation(name, call.zone(), target, doneAt, errorCode, "scripted " + errorCode));
    String request = call.parameter("requestId");
    if (!request.isEmpty()) {
      operationsByRequest.put(request, name);
    }
    return json(operations.get(name), call.project(), now);
  }

  static ObjectNode json(Operation operation, String project, Instant now) {
    boolean done = !now.isBefore(operation.doneAt());
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("kind", "compute#operation")
        .put("name", operation.name())
        .put("status", done ? "DONE" : "RUNNING")
        .put("progress", done ? 100 : 0)
        .put("targetLink", link(project, operation.target()));
    if (!operation.zone().isEmpty()) {
      json.put("zone", link(project, "zones/" + operation.zone()));
    }
    if (done && !operation.errorCode().isEmpty()) {
      json.put("httpErrorStatusCode", 429).put("httpErrorMessage", "Too Many Requests");
      json.putObject("error")
          .putArray("errors")
          .addObject()
          .put("code", operation.errorCode())
          .put("message", operation.message());
    }
    return json;
  }

  static String link(String project, String path) {
    return "https://www.googleapis.com/compute/v1/projects/%s/%s".formatted(project, path);
  }

  static String key(JsonNode body, String field) {
    return body.path(field).path("kmsKeyName").asText("");
  }

  /** What is asked for by a key is told with the key's version. */
  static void writeKey(ObjectNode json, String field, String kmsKey) {
    if (!kmsKey.isEmpty()) {
      json.putObject(field).put("kmsKeyName", kmsKey + "/cryptoKeyVersions/1");
    }
  }

  static Map<String, String> labels(JsonNode body) {
    Map<String, String> labels = new LinkedHashMap<>();
    body.path("labels")
        .properties()
        .forEach(
            label -> {
              String pair = label.getKey() + label.getValue().asText();
              if (!pair.matches("[-_a-z0-9]*") || label.getKey().length() > 63) {
                throw ComputeFault.bad("invalid", "Invalid label '%s'".formatted(pair));
              }
              labels.put(label.getKey(), label.getValue().asText());
            });
    return labels;
  }
}
