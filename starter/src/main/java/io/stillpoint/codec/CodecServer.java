package io.stillpoint.codec;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.payload.EncryptingCodec;
import io.stillpoint.payload.PayloadKeys;
import io.temporal.api.common.v1.Payload;
import io.temporal.api.common.v1.Payloads;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/**
 * Temporal's codec server protocol: {@code POST /encode} and {@code POST /decode}, each also behind
 * a namespace as in {@code /backups/decode}, with payloads as proto3 JSON. Temporal's UI asks from
 * the browser, {@code temporal --codec-endpoint} from a terminal; keys and plain texts never reach
 * the Temporal server.
 */
public final class CodecServer implements AutoCloseable {
  // Temporal's own limit of a message is 4 MiB, which Base64 makes longer by a third.
  private static final int LONGEST_BODY = 8 << 20;
  private static final int THREADS = 4;

  private final CodecServerOptions options;
  private final EncryptingCodec codec;
  private final HttpServer http;
  private final Consumer<String> warnings;
  private final Set<String> told = ConcurrentHashMap.newKeySet();
  private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);

  /** An answer. */
  private record Reply(int status, String text) {}

  private CodecServer(
      CodecServerOptions options,
      EncryptingCodec codec,
      HttpServer http,
      Consumer<String> warnings) {
    this.options = options;
    this.codec = codec;
    this.http = http;
    this.warnings = warnings;
  }

  /**
   * @param warnings hears once of each key that is missing or wrong; such payloads stay encrypted
   * @throws StillpointException CONFIGURATION_INVALID without keys, or if the port is taken
   */
  public static CodecServer start(
      CodecServerOptions options, PayloadKeys keys, Consumer<String> warnings) {
    if (keys.isEmpty()) {
      throw new StillpointException(
          ErrorCode.CONFIGURATION_INVALID,
          "a codec server needs the payload keys, but none are configured",
          "name their file with %s".formatted(PayloadKeys.FILE_VARIABLE));
    }
    HttpServer http;
    try {
      http = HttpServer.create(options.address(), 0);
    } catch (IOException e) {
      throw new StillpointException(
          ErrorCode.CONFIGURATION_INVALID,
          "the codec server cannot listen on %s: %s".formatted(options.address(), e.getMessage()),
          "choose another address with --listen HOST:PORT",
          e);
    }
    CodecServer server = new CodecServer(options, new EncryptingCodec(keys), http, warnings);
    http.setExecutor(server.threads);
    http.createContext("/", server::handle);
    http.start();
    return server;
  }

  /** Where it answers, as {@code --codec-endpoint} takes it. */
  public String endpoint() {
    String host = http.getAddress().getAddress().getHostAddress();
    return "http://%s:%d"
        .formatted(host.contains(":") ? "[" + host + "]" : host, http.getAddress().getPort());
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      Reply reply = reply(exchange);
      byte[] body = reply.text().getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(reply.status(), body.length == 0 ? -1 : body.length);
      exchange.getResponseBody().write(body);
    }
  }

  private Reply reply(HttpExchange exchange) throws IOException {
    Optional<String> origin = Optional.ofNullable(exchange.getRequestHeaders().getFirst("Origin"));
    // A page that may not ask must not even make us work: it would learn from errors and timing.
    if (origin.isPresent() && !options.origins().contains(origin.get())) {
      return new Reply(403, "origin %s may not ask; see --origin".formatted(origin.get()));
    }
    origin.ifPresent(o -> allow(o, exchange.getResponseHeaders()));
    if (exchange.getRequestMethod().equals("OPTIONS")) {
      return new Reply(204, "");
    }
    String path = exchange.getRequestURI().getPath();
    boolean encode = path.endsWith("/encode");
    if (!encode && !path.endsWith("/decode")) {
      return new Reply(404, "there are only /encode and /decode");
    }
    if (!exchange.getRequestMethod().equals("POST")) {
      return new Reply(405, "send it with POST");
    }
    if (!authorized(exchange.getRequestHeaders().getFirst("Authorization"))) {
      return new Reply(401, "the token is missing or wrong");
    }
    byte[] body = exchange.getRequestBody().readNBytes(LONGEST_BODY + 1);
    if (body.length > LONGEST_BODY) {
      return new Reply(413, "more than %d bytes".formatted(LONGEST_BODY));
    }
    Reply reply = converted(body, encode);
    if (reply.status() == 200) {
      exchange.getResponseHeaders().set("Content-Type", "application/json");
    }
    return reply;
  }

  private Reply converted(byte[] body, boolean encode) {
    Payloads.Builder asked = Payloads.newBuilder();
    try {
      JsonFormat.parser().merge(new String(body, StandardCharsets.UTF_8), asked);
      List<Payload> answer =
          encode
              ? codec.encode(asked.getPayloadsList())
              : asked.getPayloadsList().stream().map(this::readable).toList();
      return new Reply(
          200,
          JsonFormat.printer()
              .omittingInsignificantWhitespace()
              .print(Payloads.newBuilder().addAllPayloads(answer)));
    } catch (InvalidProtocolBufferException e) {
      return new Reply(400, "the body is not payloads in JSON");
    }
  }

  /** One payload whose key is lost must not hide the others, which an error would. */
  private Payload readable(Payload payload) {
    try {
      return codec.decode(List.of(payload)).get(0);
    } catch (StillpointException e) {
      if (told.add(e.getMessage())) {
        warnings.accept(e.text());
      }
      return payload;
    }
  }

  private boolean authorized(String header) {
    return options
        .token()
        .map(
            t ->
                header != null
                    && MessageDigest.isEqual(
                        ("Bearer " + t).getBytes(StandardCharsets.UTF_8),
                        header.getBytes(StandardCharsets.UTF_8)))
        .orElse(true);
  }

  /** What a browser wants to hear before it lets a page read the answer. */
  private static void allow(String origin, Headers headers) {
    headers.set("Access-Control-Allow-Origin", origin);
    headers.set("Access-Control-Allow-Methods", "POST, OPTIONS");
    headers.set("Access-Control-Allow-Headers", "Authorization, Content-Type, X-Namespace");
    headers.set("Access-Control-Allow-Credentials", "true");
    headers.set("Access-Control-Allow-Private-Network", "true");
    headers.set("Access-Control-Max-Age", "600");
    headers.set("Vary", "Origin");
  }

  @Override
  public void close() {
    http.stop(0);
    threads.shutdownNow();
  }
}
