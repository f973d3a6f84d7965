package io.stillpoint.worker;

import io.micronaut.http.HttpStatus;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.server.exceptions.response.ErrorContext;
import io.micronaut.http.server.exceptions.response.ErrorResponseProcessor;
import jakarta.inject.Singleton;
import java.util.Locale;
import java.util.Map;

/**
 * Every error of the HTTP server as the same JSON, also those that no endpoint sees: an unknown
 * path, a wrong method.
 */
@Singleton
final class ErrorBody implements ErrorResponseProcessor<Map<String, Object>> {

  /** {@code {"error": {"code": "...", "message": "..."}}}. */
  static Map<String, Object> of(String code, String message) {
    return Map.of("error", Map.of("code", code, "message", message));
  }

  @Override
  public MutableHttpResponse<Map<String, Object>> processResponse(
      ErrorContext context, MutableHttpResponse<?> response) {
    HttpStatus status = HttpStatus.valueOf(response.code());
    // What went wrong inside is for the log, not for the caller.
    String message =
        context.hasErrors() && status.getCode() < HttpStatus.INTERNAL_SERVER_ERROR.getCode()
            ? context.getErrors().get(0).getMessage()
            : status.getReason().toLowerCase(Locale.ROOT);
    return response.body(of(status.name(), message));
  }
}
