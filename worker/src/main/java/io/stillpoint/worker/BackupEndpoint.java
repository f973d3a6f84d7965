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
import io.stillpoint.model.Manifest;
import io.stillpoint.model.OperationStatus;
import io.stillpoint.model.SnapshotType;
import io.stillpoint.policy.Inputs;
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
  private final KnownBackups backups;

  BackupEndpoint(WorkerSettings settings, WorkflowClient client, CatalogFactory.Catalog catalog) {
    this.token = settings.httpToken();
    this.backups = new KnownBackups(client, catalog.backups());
  }

  @Get(produces = MediaType.APPLICATION_JSON)
  HttpResponse<?> describe(HttpRequest<?> request, @PathVariable String backup) {
    return answered(
        request,
        () ->
            HttpResponse.ok(
                backups
                    .workflow(backup)
                    .map(BackupEndpoint::shown)
                    .orElseGet(() -> shown(backups.recorded(backup)))));
  }

  @Post(uri = "/copy-finished", consumes = MediaType.ALL, produces = MediaType.APPLICATION_JSON)
  HttpResponse<?> copyFinished(
      HttpRequest<?> request, @PathVariable String backup, @Nullable @Body String body) {
    return answered(
        request,
        () -> {
          CopyFinished message = message(body);
          WorkflowStub workflow =
              backups.workflow(backup).orElseThrow(() -> ended(backups.recorded(backup)));
          BackupDescription now = described(workflow);
          if (isDone(now, message)) {
            return HttpResponse.ok(shown(now, "was reported finished before"));
          }
          try {
            String answer = workflow.update("finishCopy", String.class, message);
            return HttpResponse.ok(shown(described(workflow), answer));
          } catch (WorkflowUpdateException e) {
            BackupDescription later = described(workflow);
            if (isDone(later, message)) {
              return HttpResponse.ok(shown(later, "was reported finished before"));
            }
            // The SDK passes a validator's message on, not its type.
            throw new StillpointException(
                ErrorCode.NOT_WAITING, Failures.messageOf(e.getCause()), "", e);
          } catch (WorkflowNotFoundException e) {
            // Said of an ended workflow as of one that never was, and this one was there.
            throw ended(backup, KnownBackups.status(workflow).orElse("ended"));
          }
        });
  }

  private static StillpointException ended(Manifest manifest) {
    if (manifest.status() == OperationStatus.RUNNING) {
      return new StillpointException(
          ErrorCode.NOT_WAITING,
          "backup '%s' is recorded as running, but temporal does not know its workflow any more"
              .formatted(manifest.backup()),
          "stillpoint recover --cluster " + manifest.cluster());
    }
    return ended(manifest.backup(), manifest.status().name());
  }

  private static StillpointException ended(String backup, String status) {
    return new StillpointException(
        ErrorCode.NOT_WAITING,
        "backup '%s' has ended (%s), so it waits for no copy".formatted(backup, status),
        "start another one");
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
    boolean same = message.attempt().orElse(1) == now.attempt();
    boolean given = now.phase() != BackupPhase.CLEANING_UP && now.failure().isEmpty();
    return now.type() == SnapshotType.MANUAL && copied && known && given && same;
  }

  private static BackupDescription described(WorkflowStub workflow) {
    return workflow.query("describe", BackupDescription.class);
  }

  /** A call that may fail in one of our ways. */
  @FunctionalInterface
  private interface Call {
    HttpResponse<?> run();
  }

  private HttpResponse<?> answered(HttpRequest<?> request, Call call) {
    if (token.isEmpty()) {
      return HttpResponse.notFound(
          ErrorBody.of("NOT_FOUND", "there is nothing here: no token is configured"));
    }
    if (!isAuthorized(request.getHeaders().getAuthorization().orElse(""))) {
      return HttpResponse.status(HttpStatus.UNAUTHORIZED)
          .header("WWW-Authenticate", "Bearer")
          .body(ErrorBody.of("UNAUTHORIZED", "the bearer token is missing or wrong"));
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
        case BACKUP_UNKNOWN ->
            failed(
                HttpStatus.NOT_FOUND, code, "neither temporal nor the catalog knows such a backup");
        case CATALOG_UNREADABLE ->
            failed(HttpStatus.SERVICE_UNAVAILABLE, code, Failures.messageOf(e));
        case MANIFEST_DAMAGED, MANIFEST_VERSION ->
            failed(HttpStatus.INTERNAL_SERVER_ERROR, code, Failures.messageOf(e));
        default -> throw e;
      };
    }
  }

  /** The scheme's case does not matter (RFC 7235, 2.1); the token's does. */
  private boolean isAuthorized(String presented) {
    return presented.regionMatches(true, 0, BEARER, 0, BEARER.length())
        && token.orElseThrow().matches(presented.substring(BEARER.length()).strip());
  }

  private static HttpResponse<?> failed(HttpStatus status, ErrorCode code, String message) {
    return HttpResponse.status(status).body(ErrorBody.of(code.name(), message));
  }

  private static Map<String, Object> shown(BackupDescription now, String answer) {
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("backup", now.backup());
    shown.put("cluster", now.cluster());
    shown.put("status", now.status().name());
    shown.put("phase", now.phase().name());
    shown.put("attempt", now.attempt());
    shown.put("consistentPoint", now.consistentPoint().map(Object::toString).orElse(""));
    shown.put(
        "sets",
        now.sets().stream()
            .map(s -> set(s.set(), s.member(), s.dbPath(), s.copyFinished()))
            .toList());
    shown.put("answer", answer);
    return shown;
  }

  /** One that was terminated could not say itself that it has ended. */
  private static Map<String, Object> shown(WorkflowStub workflow) {
    BackupDescription now = described(workflow);
    Map<String, Object> shown = shown(now, "");
    if (now.status() == OperationStatus.RUNNING && KnownBackups.status(workflow).isPresent()) {
      shown.put("status", OperationStatus.CANCELLED.name());
      shown.put("phase", BackupPhase.ENDED.name());
    }
    return shown;
  }

  /** Of a backup that Temporal has forgotten, the same from its record. */
  private static Map<String, Object> shown(Manifest manifest) {
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("backup", manifest.backup());
    shown.put("cluster", manifest.cluster());
    shown.put("status", manifest.status().name());
    shown.put("phase", BackupPhase.ENDED.name());
    shown.put("consistentPoint", manifest.consistentPoint().map(Object::toString).orElse(""));
    boolean copied = manifest.status() == OperationStatus.COMPLETED;
    shown.put(
        "sets",
        manifest.sets().stream().map(s -> set(s.set(), s.member(), s.dbPath(), copied)).toList());
    shown.put("answer", "");
    return shown;
  }

  private static Map<String, Object> set(
      String set, String member, String dbPath, boolean copyFinished) {
    return Map.of("set", set, "member", member, "dbPath", dbPath, "copyFinished", copyFinished);
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
