package io.stillpoint.sandbox.cloud;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** Serves a cloud's protocol on a free local port, and lets scripted faults befall its calls. */
public final class CloudEndpoint implements AutoCloseable {

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final FaultScript faults = new FaultScript();
  private final Protocol protocol;
  private volatile Duration delay = Duration.ZERO;

  /** One HTTP request. */
  public record Request(String method, URI uri, String body) {}

  /** One HTTP response. */
  public record Reply(int status, String body) {
    public boolean isError() {
      return status >= 400;
    }
  }

  /** What the endpoint speaks. */
  public interface Protocol {

    /** The name by which faults are scripted; empty for requests that no fault befalls. */
    String callOf(Request request);

    Reply answer(Request request);

    Reply error(Fault fault);

    String contentType();
  }

  /** Starts to listen at once. */
  public CloudEndpoint(Protocol protocol) throws IOException {
    this.protocol = protocol;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::serve);
    server.start();
  }

  public URI address() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  public FaultScript faults() {
    return faults;
  }

  /** From now on every call takes so long before it has its effect. */
  public void delay(Duration time) {
    delay = time;
  }

  @Override
  public void close() {
    closed.countDown();
    server.stop(0);
    threads.shutdownNow();
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      Request request = new Request(exchange.getRequestMethod(), exchange.getRequestURI(), body);
      String call = protocol.callOf(request);
      Optional<Fault> fault = call.isEmpty() ? Optional.empty() : faults.next(call);
      if (fault.isPresent() && !fault.get().effect()) {
        suffer(exchange, fault.get());
        return;
      }
      TimeUnit.NANOSECONDS.sleep(delay.toNanos());
      Reply reply = protocol.answer(request);
      if (fault.isEmpty() || reply.isError()) {
        send(exchange, reply);
      } else {
        suffer(exchange, fault.get());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void suffer(HttpExchange exchange, Fault fault) throws IOException, InterruptedException {
    switch (fault.reply()) {
      case ERROR -> send(exchange, protocol.error(fault));
      case SILENCE -> closed.await();
      case NOTHING -> {
        // Closing the exchange without a response ends the connection.
      }
    }
  }

  private void send(HttpExchange exchange, Reply reply) throws IOException {
    byte[] bytes = reply.body().getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", protocol.contentType());
    exchange.sendResponseHeaders(reply.status(), bytes.length);
    exchange.getResponseBody().write(bytes);
  }
}
