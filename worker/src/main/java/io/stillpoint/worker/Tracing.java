package io.stillpoint.worker;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.opentracingshim.OpenTracingShim;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import io.opentelemetry.sdk.resources.Resource;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.temporal.client.ActivityCompletionException;
import io.temporal.common.interceptors.WorkerInterceptor;
import io.temporal.opentracing.OpenTracingOptions;
import io.temporal.opentracing.OpenTracingWorkerInterceptor;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Spans of workflows and activities by Temporal's own interceptors. Off unless the environment says
 * where spans go, by the variables that OpenTelemetry's specification names.
 */
final class Tracing implements AutoCloseable {
  private static final String TRACES_EXPORTER = "OTEL_TRACES_EXPORTER";

  /** What says that spans are wanted. */
  private static final List<String> WANTED =
      List.of("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");

  private static final List<String> PROTOCOLS =
      List.of("OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL");

  /** Metrics are scraped and logs go to stdout; HTTP is what the JDK's client can send. */
  private static final Map<String, String> DEFAULTS =
      Map.of(
          "otel.service.name", "stillpoint",
          "otel.traces.exporter", "otlp",
          "otel.metrics.exporter", "none",
          "otel.logs.exporter", "none",
          "otel.exporter.otlp.protocol", "http/protobuf");

  private final Optional<OpenTelemetrySdk> sdk;

  private Tracing(Optional<OpenTelemetrySdk> sdk) {
    this.sdk = sdk;
  }

  /**
   * @param environment where OTEL_* is looked for
   * @param identity of this process, as Temporal shows it
   * @throws StillpointException CONFIGURATION_INVALID if a value of OTEL_* cannot be used
   */
  static Tracing configured(Map<String, String> environment, String identity) {
    if (!wanted(environment)) {
      return new Tracing(Optional.empty());
    }
    for (String protocol : PROTOCOLS) {
      if ("grpc".equals(environment.get(protocol))) {
        throw unusable("%s is grpc, but only http/protobuf can be sent".formatted(protocol), null);
      }
    }
    try {
      return new Tracing(Optional.of(sdk(environment, identity)));
    } catch (RuntimeException e) {
      throw unusable(e.getMessage(), e);
    }
  }

  private static StillpointException unusable(String why, RuntimeException cause) {
    return new StillpointException(
        ErrorCode.CONFIGURATION_INVALID,
        "tracing cannot be set up from the OTEL_* variables: " + why,
        "see docs/observability.md, or set OTEL_SDK_DISABLED=true",
        cause);
  }

  private static boolean wanted(Map<String, String> environment) {
    String exporter = environment.getOrDefault(TRACES_EXPORTER, "");
    return !"true".equalsIgnoreCase(environment.get("OTEL_SDK_DISABLED"))
        && !exporter.equals("none")
        && (!exporter.isBlank()
            || WANTED.stream().anyMatch(v -> !environment.getOrDefault(v, "").isBlank()));
  }

  private static OpenTelemetrySdk sdk(Map<String, String> environment, String identity) {
    Map<String, String> given = new HashMap<>();
    environment.forEach(
        (name, value) -> {
          if (name.startsWith("OTEL_") && !value.isBlank()) {
            given.put(name.toLowerCase(Locale.ROOT).replace('_', '.'), value);
          }
        });
    Resource instance =
        Resource.create(Attributes.of(AttributeKey.stringKey("service.instance.id"), identity));
    return AutoConfiguredOpenTelemetrySdk.builder()
        .addPropertiesSupplier(() -> DEFAULTS)
        .addPropertiesCustomizer(unused -> given)
        .addResourceCustomizer((resource, unused) -> instance.merge(resource))
        .disableShutdownHook()
        .build()
        .getOpenTelemetrySdk();
  }

  /** To be the outermost, so that a span has the error that Temporal is told. */
  Optional<WorkerInterceptor> interceptor() {
    return sdk.map(Tracing::interceptor);
  }

  static WorkerInterceptor interceptor(OpenTelemetry telemetry) {
    return new OpenTracingWorkerInterceptor(
        OpenTracingOptions.newBuilder()
            .setTracer(OpenTracingShim.createTracerShim(telemetry))
            .setIsErrorPredicate(failure -> !(failure instanceof ActivityCompletionException))
            .build());
  }

  /** Sends what is left. */
  @Override
  public void close() {
    sdk.ifPresent(OpenTelemetrySdk::close);
  }
}
