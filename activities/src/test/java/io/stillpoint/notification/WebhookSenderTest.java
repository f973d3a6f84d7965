package io.stillpoint.notification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.stillpoint.activities.NotificationActivitiesImpl;
import io.stillpoint.activity.NotificationActivities.Notice;
import io.stillpoint.activity.NotificationActivities.NoticeSet;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.ClusterTime;
import io.stillpoint.model.SnapshotType;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WebhookSenderTest {
  private static final Notice NOTICE =
      new Notice(
          "backup/b1/ready-to-copy/1",
          "ready-to-copy",
          "shop",
          "b1",
          SnapshotType.MANUAL,
          "backup/b1",
          Optional.of(new ClusterTime(1000, 7)),
          "",
          List.of(new NoticeSet("s0", "db1:27017", "/data")));

  private HttpServer server;
  private volatile int status = 204;
  private volatile byte[] body = {};
  private volatile Map<String, List<String>> headers = Map.of();

  @BeforeEach
  void listen() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          body = exchange.getRequestBody().readAllBytes();
          headers = Map.copyOf(exchange.getRequestHeaders());
          exchange.getResponseHeaders().add("Location", "http://127.0.0.1:1/elsewhere");
          exchange.sendResponseHeaders(status, -1);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private Webhook webhook(String secret, String token) {
    return new Webhook(
        "ops",
        URI.create("http://127.0.0.1:%d/hook".formatted(server.getAddress().getPort())),
        Optional.of(secret).filter(s -> !s.isEmpty()),
        Optional.of(token).filter(t -> !t.isEmpty()));
  }

  @Test
  void shouldSignWhatItSends() throws Exception {
    new WebhookSender().send(webhook("the-secret", "the-token"), NOTICE);

    JsonNode notice = new ObjectMapper().readTree(body);
    assertThat(notice.path("event").asText()).isEqualTo("ready-to-copy");
    assertThat(notice.path("consistentPoint").asText()).isEqualTo("1000,7");
    assertThat(notice.at("/sets/0/dbPath").asText()).isEqualTo("/data");
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec("the-secret".getBytes(), "HmacSHA256"));
    assertThat(headers.get("X-stillpoint-signature"))
        .containsExactly("sha256=" + HexFormat.of().formatHex(mac.doFinal(body)));
    assertThat(headers.get("Authorization")).containsExactly("Bearer the-token");
    assertThat(headers.get("Idempotency-key")).containsExactly("backup/b1/ready-to-copy/1");
  }

  @Test
  void shouldSendNoSignatureWithoutASecret() {
    new WebhookSender().send(webhook("", ""), NOTICE);

    assertThat(headers).doesNotContainKeys("X-stillpoint-signature", "Authorization");
  }

  @ParameterizedTest
  @CsvSource({
    "500, WEBHOOK_FAILED",
    "503, WEBHOOK_FAILED",
    "429, WEBHOOK_FAILED",
    "400, WEBHOOK_REFUSED",
    "401, WEBHOOK_REFUSED",
    "302, WEBHOOK_REFUSED"
  })
  void shouldTellWhatIsWorthAnotherTry(int answer, ErrorCode code) {
    status = answer;

    assertThatThrownBy(() -> new WebhookSender().send(webhook("the-secret", "the-token"), NOTICE))
        .isInstanceOfSatisfying(
            StillpointException.class,
            e -> {
              assertThat(e.code()).isEqualTo(code);
              assertThat(e.text()).contains("status " + answer).doesNotContain("the-secret");
            });
  }

  @Test
  void shouldReportAReceiverThatIsAway() {
    Webhook webhook = webhook("the-secret", "the-token");
    server.stop(0);

    assertThatThrownBy(() -> new WebhookSender().send(webhook, NOTICE))
        .isInstanceOfSatisfying(
            StillpointException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.WEBHOOK_FAILED));
    assertThat(webhook.toString()).doesNotContain("the-secret", "the-token");
  }

  @Test
  void shouldKnowItsOwnWebhooksOnly() {
    NotificationActivitiesImpl activities =
        new NotificationActivitiesImpl(Map.of("ops", webhook("", "")));

    assertThatCode(() -> activities.send("ops", NOTICE)).doesNotThrowAnyException();
    assertThatThrownBy(() -> activities.send("other", NOTICE))
        .hasMessageContaining("no webhook 'other'");
  }
}
