package io.stillpoint.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.stillpoint.activities.ErrorMappingInterceptor;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.Failures;
import io.temporal.activity.Activity;
import io.temporal.activity.ActivityInterface;
import io.temporal.activity.ActivityMethod;
import io.temporal.client.ActivityCanceledException;
import io.temporal.common.interceptors.WorkerInterceptor;
import io.temporal.testing.TestActivityEnvironment;
import io.temporal.testing.TestEnvironmentOptions;
import io.temporal.worker.WorkerFactoryOptions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a backup's spans are is seen by the sandbox's ObservabilityTest. */
class TracingTest {

  /** Ends as it is told to. */
  @ActivityInterface
  public interface Ending {
    @ActivityMethod
    void end(String how);
  }

  @ParameterizedTest
  @CsvSource({
    "OTEL_SERVICE_NAME,         backups,               false",
    "OTEL_TRACES_EXPORTER,      none,                  false",
    "OTEL_TRACES_EXPORTER,      otlp,                  true",
    "OTEL_EXPORTER_OTLP_ENDPOINT, http://127.0.0.1:1,  true",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, http://127.0.0.1:1/v1/traces, true"
  })
  void shouldTraceOnlyWhenTheEnvironmentSaysWhere(String name, String value, boolean traced) {
    try (Tracing tracing = Tracing.configured(Map.of(name, value), "control-1")) {
      assertThat(tracing.interceptor().isPresent()).isEqualTo(traced);
    }
  }

  @Test
  void shouldObeyTheSwitchThatTurnsItOff() {
    Map<String, String> environment =
        Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1", "OTEL_SDK_DISABLED", "true");
    try (Tracing tracing = Tracing.configured(environment, "control-1")) {
      assertThat(tracing.interceptor()).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "OTEL_TRACES_EXPORTER,         jaeger,     jaeger",
    "OTEL_EXPORTER_OTLP_ENDPOINT,  nowhere,    nowhere",
    "OTEL_EXPORTER_OTLP_PROTOCOL,  grpc,       http/protobuf"
  })
  void shouldRefuseWhatItCannotUse(String name, String value, String told) {
    Map<String, String> environment =
        name.equals("OTEL_EXPORTER_OTLP_PROTOCOL")
            ? Map.of(name, value, "OTEL_TRACES_EXPORTER", "otlp")
            : Map.of(name, value);

    assertThatThrownBy(() -> Tracing.configured(environment, "control-1"))
        .hasMessageContaining(told)
        .satisfies(e -> assertThat(Failures.codeOf(e)).isEqualTo(ErrorCode.CONFIGURATION_INVALID));
  }

  @Test
  void shouldCallAFailureAnErrorButNotACancellation() {
    List<SpanData> spans;
    InMemorySpanExporter exporter = InMemorySpanExporter.create();
    SdkTracerProvider provider =
        SdkTracerProvider.builder().addSpanProcessor(SimpleSpanProcessor.create(exporter)).build();
    try (OpenTelemetrySdk sdk = OpenTelemetrySdk.builder().setTracerProvider(provider).build()) {
      TestActivityEnvironment temporal = environment(Tracing.interceptor(sdk));
      temporal.registerActivitiesImplementations(
          (Ending)
              how -> {
                if (how.equals("cancelled")) {
                  throw new ActivityCanceledException(Activity.getExecutionContext().getInfo());
                }
                throw new IllegalStateException(how);
              });
      Ending activity = temporal.newActivityStub(Ending.class);

      assertThatThrownBy(() -> activity.end("broken")).isNotNull();
      assertThatThrownBy(() -> activity.end("cancelled")).isNotNull();
      temporal.close();
      // Before the end of the SDK, which forgets them.
      spans = exporter.getFinishedSpanItems();
    }

    assertThat(spans)
        .filteredOn(span -> span.getName().startsWith("RunActivity:"))
        .extracting(SpanData::getStatus)
        .extracting(status -> status.getStatusCode() == StatusCode.ERROR)
        .containsExactly(true, false);
  }

  private static TestActivityEnvironment environment(WorkerInterceptor tracing) {
    return TestActivityEnvironment.newInstance(
        TestEnvironmentOptions.newBuilder()
            .setWorkerFactoryOptions(
                WorkerFactoryOptions.newBuilder()
                    .setWorkerInterceptors(new ErrorMappingInterceptor(), tracing)
                    .build())
            .build());
  }
}
