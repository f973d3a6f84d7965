package io.stillpoint.sandbox.cloud.gce;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.stillpoint.sandbox.cloud.CloudEndpoint;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One REST request below {@code /compute/v1/projects/<project>/}.
 *
 * @param zone empty for global collections
 * @param collection disks, snapshots, instances, operations
 * @param name of the resource; empty for the whole collection
 * @param verb custom method such as attachDisk, or aggregatedList; empty for plain ones
 */
record ComputeCall(
    String method,
    String project,
    String zone,
    String collection,
    String name,
    String verb,
    Map<String, String> query,
    JsonNode body) {

  private static final ObjectMapper JSON = new ObjectMapper();

  static ComputeCall parse(CloudEndpoint.Request request) {
    List<String> path = Arrays.asList(request.uri().getPath().split("/"));
    int projects = path.indexOf("projects");
    if (projects < 0 || path.size() < projects + 4) {
      throw ComputeFault.notFound(request.uri().getPath());
    }
    boolean zonal = path.get(projects + 2).equals("zones");
    int at = zonal ? projects + 4 : projects + 3;
    return new ComputeCall(
        request.method(),
        path.get(projects + 1),
        zonal ? path.get(projects + 3) : "",
        part(path, at),
        part(path, at + 1),
        path.get(projects + 2).equals("aggregated") ? "aggregatedList" : part(path, at + 2),
        query(request.uri().getRawQuery()),
        json(request.body()));
  }

  /** The API's own name, such as snapshots.insert. */
  String api() {
    String action =
        switch (method) {
          case "POST" -> name.isEmpty() ? "insert" : verb;
          case "DELETE" -> "delete";
          default -> !name.isEmpty() ? "get" : verb.isEmpty() ? "list" : verb;
        };
    return collection + "." + action;
  }

  String parameter(String key) {
    return query.getOrDefault(key, "");
  }

  String text(String field) {
    return body.path(field).asText("");
  }

  private static String part(List<String> path, int at) {
    return at < path.size() ? path.get(at) : "";
  }

  private static Map<String, String> query(String raw) {
    Map<String, String> query = new HashMap<>();
    if (raw != null) {
      for (String pair : raw.split("&")) {
        int equals = pair.indexOf('=');
        if (equals > 0) {
          query.put(decode(pair.substring(0, equals)), decode(pair.substring(equals + 1)));
        }
      }
    }
    return query;
  }

  private static String decode(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  private static JsonNode json(String body) {
    try {
      return body.isEmpty() ? JSON.createObjectNode() : JSON.readTree(body);
    } catch (JsonProcessingException e) {
      throw ComputeFault.bad("parseError", "the body is not JSON");
    }
  }
}
