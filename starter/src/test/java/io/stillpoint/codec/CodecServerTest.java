package io.stillpoint.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.Failures;
import io.stillpoint.payload.PayloadKeys;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CodecServerTest {
  private static final String UI = "http://127.0.0.1:8233";
  // {"encoding":"json/plain"} and the text "shop", as Temporal's tools send them.
  private static final String PLAIN =
      "{\"payloads\":[{\"metadata\":{\"encoding\":\"anNvbi9wbGFpbg==\"},\"data\":\"InNob3Ai\"}]}";
  private static final PayloadKeys KEYS = keys("k1");

  private final HttpClient client = HttpClient.newHttpClient();
  private final List<String> warnings = new CopyOnWriteArrayList<>();
  private CodecServer server;

  private static PayloadKeys keys(String id) {
    return PayloadKeys.fromEnvironment(
        Map.of(PayloadKeys.KEYS_VARIABLE, id + ":q83vASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4k="));
  }

  private static CodecServerOptions options(String host, Optional<String> token) {
    return new CodecServerOptions(new InetSocketAddress(host, 0), Set.of(UI), token);
  }

  @BeforeEach
  void start() {
    server = CodecServer.start(options("127.0.0.1", Optional.of("t0ken")), KEYS, warnings::add);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private HttpResponse<String> send(String method, String path, String body, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(server.endpoint() + path))
            .method(method, HttpRequest.BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> ask(String path, String body)
      throws IOException, InterruptedException {
    return send(
        "POST", path, body, "Authorization", "Bearer t0ken", "Content-Type", "application/json");
  }

  @Test
  void shouldEncodeAndDecodeAsTemporalsToolsAsk() throws IOException, InterruptedException {
    HttpResponse<String> hidden = ask("/encode", PLAIN);

    assertThat(hidden.statusCode()).isEqualTo(200);
    assertThat(hidden.headers().firstValue("Content-Type")).contains("application/json");
    assertThat(hidden.body()).doesNotContain("InNob3Ai").contains("encryption-key-id");
    assertThat(ask("/backups/decode", hidden.body()).body()).isEqualTo(PLAIN);
    assertThat(ask("/decode", PLAIN).body()).isEqualTo(PLAIN);
  }

  @Test
  void shouldLetOnlyThePagesAskThatWereNamed() throws IOException, InterruptedException {
    HttpResponse<String> preflight =
        send("OPTIONS", "/decode", "", "Origin", UI, "Access-Control-Request-Method", "POST");
    assertThat(preflight.statusCode()).isEqualTo(204);
    assertThat(preflight.headers().firstValue("Access-Control-Allow-Origin")).contains(UI);
    assertThat(preflight.headers().firstValue("Access-Control-Allow-Headers").orElse(""))
        .contains("X-Namespace", "Content-Type", "Authorization");

    HttpResponse<String> stranger =
        send(
            "POST",
            "/decode",
            PLAIN,
            "Origin",
            "https://evil.example",
            "Authorization",
            "Bearer t0ken");
    assertThat(stranger.statusCode()).isEqualTo(403);
    assertThat(stranger.headers().firstValue("Access-Control-Allow-Origin")).isEmpty();
  }

  @Test
  void shouldRefuseWrongTokensPathsMethodsAndBodies() throws IOException, InterruptedException {
    assertThat(send("POST", "/decode", PLAIN).statusCode()).isEqualTo(401);
    assertThat(send("POST", "/decode", PLAIN, "Authorization", "Bearer t0kens").statusCode())
        .isEqualTo(401);
    assertThat(ask("/", PLAIN).statusCode()).isEqualTo(404);
    assertThat(send("GET", "/decode", "").statusCode()).isEqualTo(405);
    assertThat(ask("/decode", "{\"payload\":1}").statusCode()).isEqualTo(400);
    assertThat(ask("/decode", " ".repeat((8 << 20) + 1)).statusCode()).isEqualTo(413);
  }

  @Test
  void shouldLeaveWhatItCannotReadAndSayWhichKeyIsMissing()
      throws IOException, InterruptedException {
    String hidden;
    try (CodecServer other =
        CodecServer.start(options("127.0.0.1", Optional.empty()), keys("k2"), warnings::add)) {
      hidden =
          client
              .send(
                  HttpRequest.newBuilder(URI.create(other.endpoint() + "/encode"))
                      .POST(HttpRequest.BodyPublishers.ofString(PLAIN))
                      .build(),
                  HttpResponse.BodyHandlers.ofString())
              .body();
    }

    String both = hidden.replaceFirst("\\]}$", "," + PLAIN.substring(PLAIN.indexOf('[') + 1));

    assertThat(ask("/decode", both).body()).isEqualTo(both);
    assertThat(ask("/decode", both).statusCode()).isEqualTo(200);
    assertThat(warnings).singleElement().asString().contains("key 'k2', but here is only [k1]");
  }

  @Test
  void shouldNotBeOpenToOthersOrWithoutKeys() {
    assertThatThrownBy(() -> options("0.0.0.0", Optional.empty()))
        .hasMessageContaining("no token is required")
        .satisfies(e -> assertThat(Failures.codeOf(e)).isEqualTo(ErrorCode.BAD_INPUT));
    assertThat(options("0.0.0.0", Optional.of("t")).token()).isPresent();
    assertThatThrownBy(
            () ->
                CodecServer.start(
                    options("127.0.0.1", Optional.empty()), PayloadKeys.none(), warnings::add))
        .satisfies(e -> assertThat(Failures.codeOf(e)).isEqualTo(ErrorCode.CONFIGURATION_INVALID));
  }
}
