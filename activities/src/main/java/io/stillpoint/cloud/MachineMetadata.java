package io.stillpoint.cloud;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.SnapshotType;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Which machine of its cloud this host is, by the cloud's metadata service (IMDSv2; Compute's
 * metadata server) or by the agent's own configuration.
 *
 * @param instance and {@code zone}: configured, for where the service does not answer, such as in
 *     containers behind its hop limit; else empty
 * @param endpoint instead of the cloud's own
 */
public record MachineMetadata(String instance, String zone, Optional<URI> endpoint) {

  /** What the service, or the configuration, says. */
  public record Machine(String instance, String zone) {}

  private static final URI EC2 = URI.create("http://169.254.169.254");
  private static final URI COMPUTE = URI.create("http://metadata.google.internal");
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  /** Errors: AGENT_REFUSED. */
  public Machine machine(SnapshotType type) {
    if (!instance.isEmpty() && !zone.isEmpty()) {
      return new Machine(instance, zone);
    }
    URI base = endpoint.orElse(type == SnapshotType.EBS ? EC2 : COMPUTE);
    try {
      return type == SnapshotType.EBS ? ec2(base) : compute(base);
    } catch (IOException e) {
      throw new StillpointException(
          ErrorCode.AGENT_REFUSED,
          "metadata service %s did not say which machine this is: %s"
              .formatted(base, e.getMessage() == null ? e.toString() : e.getMessage()),
          "set instance and zone under stillpoint.node.machine, or name the member's volumes in the"
              + " control workers' configuration",
          e);
    }
  }

  private static Machine ec2(URI base) throws IOException {
    String token =
        send(
            HttpRequest.newBuilder(base.resolve("/latest/api/token"))
                .header("X-aws-ec2-metadata-token-ttl-seconds", "60")
                .PUT(HttpRequest.BodyPublishers.noBody()));
    Map<String, String> header = Map.of("X-aws-ec2-metadata-token", token);
    return new Machine(
        get(base, "/latest/meta-data/instance-id", header),
        get(base, "/latest/meta-data/placement/availability-zone", header));
  }

  private static Machine compute(URI base) throws IOException {
    Map<String, String> header = Map.of("Metadata-Flavor", "Google");
    String zone = get(base, "/computeMetadata/v1/instance/zone", header);
    return new Machine(
        get(base, "/computeMetadata/v1/instance/name", header),
        zone.substring(zone.lastIndexOf('/') + 1));
  }

  private static String get(URI base, String path, Map<String, String> headers) throws IOException {
    HttpRequest.Builder request = HttpRequest.newBuilder(base.resolve(path)).GET();
    headers.forEach(request::header);
    return send(request);
  }

  private static String send(HttpRequest.Builder request) throws IOException {
    HttpClient client = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
    try {
      HttpResponse<String> response =
          client.send(request.timeout(PATIENCE).build(), HttpResponse.BodyHandlers.ofString());
      if (response.statusCode() != 200 || response.body().isBlank()) {
        throw new IOException("HTTP %d from %s".formatted(response.statusCode(), response.uri()));
      }
      return response.body().strip();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
