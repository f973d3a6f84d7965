package io.stillpoint.worker;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.micronaut.core.annotation.Nullable;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.PathVariable;
import io.micronaut.http.annotation.Post;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.stillpoint.backup.BackupDescription;
import io.stillpoint.backup.BackupPhase;
import io.stillpoint.backup.CopyFinished;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.Failures;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.policy.Inputs;
import io.stillpoint.policy.WorkflowIds;
import io.stillpoint.worker.settings.HttpToken;
import io.stillpoint.worker.settings.WorkerSettings;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowNotFoundException;
import io.temporal.client.WorkflowServiceException;
import io.temporal.client.WorkflowStub;
import io.temporal.client.WorkflowUpdateException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * For snapshot tools that know HTTP and not Temporal: how a backup stands, and that its copy is
 * finished. Off unless a token is configured; then every call needs it as a bearer token. Repeating
 * a call is fine.
 */
@Controller("/backups/{backup}")
@ExecuteOn(TaskExecutors.BLOCKING)
class BackupEndpoint {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String BEARER = "Bearer ";
  private static final String EXAMPLE = "{\"set\":\"NAME\",\"snapshots\":[\"ID\"]}";

  private final Optional<HttpToken> token;
  private final WorkflowClient client;

  BackupEndpoint(WorkerSettings settings, WorkflowClient client) {
    this.token = settings.httpToken();
    this.client = client;
  }

  @Get(produces = MediaType.APPLICATION_JSON)
  HttpResponse<?> describe(HttpRequest<?> request, @PathVariable String backup) {
    return answered(request, () -> HttpResponse.ok(shown(described(backup), "")));
  }

  @Post(uri = "/copy-finished", consumes = MediaType.ALL, produces = MediaType.APPLICATION_JSON)
  HttpResponse<?> copyFinished(
      HttpRequest<?> request, @PathVariable String backup, @Nullable @Body String body) {
    return answered(
        request,
        () -> {
          CopyFinished message = message(body);
          BackupDescription now = described(backup);
          if (isDone(now, message)) {
            return HttpResponse.ok(shown(now, "was reported finished before"));
          }
          try {
            String answer = stub(backup).update("finishCopy", String.class, message);
            return HttpResponse.ok(shown(described(backup), answer));
          } catch (WorkflowUpdateException e) {
            BackupDescription later = described(backup);
            if (isDone(later, message)) {
              return HttpResponse.ok(shown(later, "was reported finished before"));
            }
            // The SDK passes a validator's message on, not its type.
            throw new StillpointException(
                ErrorCode.NOT_WAITING, Failures.messageOf(e.getCause()), "", e);
          }
        });
  }

  /** Whether the message says nothing new: its set, or all of them, were finished before. */
  private static boolean isDone(BackupDescription now, CopyFinished message) {
    boolean copied =
        !now.sets().isEmpty()
            && now.sets().stream()
                .filter(s -> message.set().isEmpty() || message.set().get().equals(s.set()))
                .allMatch(BackupDescription.SetDescription::copyFinished);
    boolean known =
        message.set().isEmpty()
            || now.sets().stream().anyMatch(s -> s.set().equals(message.set().get()));
    boolean given = now.phase() != BackupPhase.CLEANING_UP && now.failure().isEmpty();
    return now.type() == SnapshotType.MANUAL && copied && known && given;
  }

  private BackupDescription described(String backup) {
    return stub(backup).query("describe", BackupDescription.class);
  }

  private WorkflowStub stub(String backup) {
    String plain = WorkflowIds.backup(backup);
    try {
      client.newUntypedWorkflowStub(plain).describe();
      return client.newUntypedWorkflowStub(plain);
    } catch (WorkflowNotFoundException e) {
      String id = WorkflowIds.scheduledBackup(backup).orElse(plain);
      return client.newUntypedWorkflowStub(id);
    }
  }

  /** A call that may fail in one of our ways. */
  @FunctionalInterface
  private interface Call {
    HttpResponse<?> run();
  }

  private HttpResponse<?> answered(HttpRequest<?> request, Call call) {
    if (token.isEmpty()) {
      return HttpResponse.notFound();
    }
    String presented = request.getHeaders().getAuthorization().orElse("");
    if (!presented.startsWith(BEARER)
        || !token.get().matches(presented.substring(BEARER.length()))) {
      return HttpResponse.status(HttpStatus.UNAUTHORIZED)
          .header("WWW-Authenticate", "Bearer")
          .body(error("UNAUTHORIZED", "the bearer token is missing or wrong"));
    }
    try {
      return call.run();
    } catch (WorkflowNotFoundException e) {
      return failed(
          HttpStatus.NOT_FOUND, ErrorCode.OPERATION_UNKNOWN, "temporal knows no such backup");
    } catch (WorkflowServiceException e) {
      return failed(
          HttpStatus.SERVICE_UNAVAILABLE,
          ErrorCode.TEMPORAL_UNREACHABLE,
          "the backup did not answer; try again");
    } catch (RuntimeException e) {
      ErrorCode code = Failures.codeOf(e);
      return switch (code) {
        case BAD_INPUT -> failed(HttpStatus.BAD_REQUEST, code, Failures.messageOf(e));
        case NOT_WAITING -> failed(HttpStatus.CONFLICT, code, Failures.messageOf(e));
        default -> throw e;
      };
    }
  }

  private static HttpResponse<?> failed(HttpStatus status, ErrorCode code, String message) {
    return HttpResponse.status(status).body(error(code.name(), message));
  }

  private static Map<String, Object> error(String code, String message) {
    return Map.of("error", Map.of("code", code, "message", message));
  }

  private static Map<String, Object> shown(BackupDescription now, String answer) {
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("backup", now.backup());
    shown.put("cluster", now.cluster());
    shown.put("status", now.status().name());
    shown.put("phase", now.phase().name());
    shown.put("consistentPoint", now.consistentPoint().map(Object::toString).orElse(""));
    shown.put(
        "sets",
        now.sets().stream()
            .map(
                s ->
                    Map.of(
                        "set", s.set(),
                        "member", s.member(),
                        "dbPath", s.dbPath(),
                        "copyFinished", s.copyFinished()))
            .toList());
    shown.put("answer", answer);
    return shown;
  }

  /** Reads a body as strictly as typed input. */
  private static CopyFinished message(String body) {
    try {
      Object read =
          body == null || body.isBlank() ? Map.of() : MAPPER.readValue(body, Object.class);
      // The document "null" says as little as an empty body.
      Object typed = read == null ? Map.of() : read;
      return Inputs.read(typed, CopyFinished.class, "the body", EXAMPLE);
    } catch (JsonProcessingException e) {
      throw new StillpointException(
          ErrorCode.BAD_INPUT, "the body is not JSON", "a right one is: " + EXAMPLE);
    }
  }
}
