package io.stillpoint.notification;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import io.stillpoint.activity.NotificationActivities.Notice;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Posts notices as JSON. {@code Idempotency-Key} is the notice's id; {@code X-Stillpoint-Signature}
 * is {@code sha256=} and the hex HMAC-SHA256 of the body under the webhook's secret. Redirects are
 * not followed: they would carry the token elsewhere.
 */
public final class WebhookSender {

  private static final Duration ANSWER = Duration.ofSeconds(10);
  private static final JsonMapper JSON = JsonMapper.builder().addModule(new Jdk8Module()).build();

  private final HttpClient client =
      HttpClient.newBuilder()
          .connectTimeout(ANSWER)
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();

  /** Errors: WEBHOOK_FAILED, WEBHOOK_REFUSED. */
  public void send(Webhook webhook, Notice notice) {
    byte[] body = body(notice);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(webhook.url())
            .timeout(ANSWER)
            .header("Content-Type", "application/json")
            .header("Idempotency-Key", notice.id())
            .POST(HttpRequest.BodyPublishers.ofByteArray(body));
    webhook.token().ifPresent(token -> request.header("Authorization", "Bearer " + token));
    webhook
        .secret()
        .ifPresent(
            secret -> request.header("X-Stillpoint-Signature", "sha256=" + hmac(secret, body)));
    int status;
    try {
      status = client.send(request.build(), HttpResponse.BodyHandlers.discarding()).statusCode();
    } catch (IOException e) {
      throw new StillpointException(
          ErrorCode.WEBHOOK_FAILED,
          "webhook %s did not answer: %s".formatted(webhook.name(), e.getClass().getSimpleName()),
          "check the receiver and the network between",
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StillpointException(
          ErrorCode.WEBHOOK_FAILED, "this worker stops while it tells a webhook", "", e);
    }
    check(webhook, status);
  }

  private static void check(Webhook webhook, int status) {
    if (status >= 200 && status < 300) {
      return;
    }
    boolean again = status >= 500 || status == 408 || status == 429;
    throw new StillpointException(
        again ? ErrorCode.WEBHOOK_FAILED : ErrorCode.WEBHOOK_REFUSED,
        "webhook %s answered with status %d".formatted(webhook.name(), status),
        "check its address, token and secret under stillpoint.notifications");
  }

  private static byte[] body(Notice notice) {
    try {
      return JSON.writeValueAsBytes(notice);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("records always become JSON", e);
    }
  }

  private static String hmac(String secret, byte[] body) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      return HexFormat.of().formatHex(mac.doFinal(body));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HmacSHA256", e);
    }
  }
}
