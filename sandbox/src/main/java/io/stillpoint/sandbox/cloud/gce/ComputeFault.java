package io.stillpoint.sandbox.cloud.gce;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** An error as Compute answers it. */
final class ComputeFault extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final int status;
  private final String reason;

  ComputeFault(int status, String reason, String message) {
    super(message);
    this.status = status;
    this.reason = reason;
  }

  static ComputeFault notFound(String what) {
    return new ComputeFault(404, "notFound", "The resource '%s' was not found".formatted(what));
  }

  static ComputeFault bad(String reason, String message) {
    return new ComputeFault(400, reason, message);
  }

  int status() {
    return status;
  }

  String json() {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    ObjectNode error = root.putObject("error");
    error.put("code", status).put("message", getMessage());
    error
        .putArray("errors")
        .addObject()
        .put("message", getMessage())
        .put("domain", status == 403 ? "usageLimits" : "global")
        .put("reason", reason);
    return root.toString();
  }
}
