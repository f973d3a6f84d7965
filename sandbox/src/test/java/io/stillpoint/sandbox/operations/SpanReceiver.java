package io.stillpoint.sandbox.operations;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Takes spans as a collector does: OTLP over HTTP, protobuf. The numbers are those of the fields in
 * opentelemetry/proto/trace/v1/trace.proto and common/v1/common.proto.
 */
final class SpanReceiver implements AutoCloseable {
  private final List<Span> spans = new CopyOnWriteArrayList<>();
  private final HttpServer server;

  /** What is looked at; ids in hex. */
  record Span(
      String service,
      String name,
      String trace,
      String id,
      String parent,
      Map<String, String> attributes) {}

  SpanReceiver() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/v1/traces", this::receive);
    server.start();
  }

  String endpoint() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  List<Span> spans() {
    return List.copyOf(spans);
  }

  private void receive(HttpExchange exchange) throws IOException {
    try (exchange) {
      UnknownFieldSet request = UnknownFieldSet.parseFrom(exchange.getRequestBody().readAllBytes());
      for (UnknownFieldSet resource : messages(request, 1)) {
        String service = attributes(messages(resource, 1).get(0), 1).get("service.name");
        for (UnknownFieldSet scope : messages(resource, 2)) {
          for (UnknownFieldSet span : messages(scope, 2)) {
            spans.add(
                new Span(
                    service,
                    text(span, 5),
                    hex(span, 1),
                    hex(span, 2),
                    hex(span, 4),
                    attributes(span, 9)));
          }
        }
      }
      exchange.sendResponseHeaders(200, -1);
    }
  }

  private static Map<String, String> attributes(UnknownFieldSet of, int field)
      throws InvalidProtocolBufferException {
    Map<String, String> attributes = new TreeMap<>();
    for (UnknownFieldSet attribute : messages(of, field)) {
      attributes.put(text(attribute, 1), text(messages(attribute, 2).get(0), 1));
    }
    return attributes;
  }

  private static List<UnknownFieldSet> messages(UnknownFieldSet of, int field)
      throws InvalidProtocolBufferException {
    List<UnknownFieldSet> messages = new ArrayList<>();
    for (ByteString bytes : of.getField(field).getLengthDelimitedList()) {
      messages.add(UnknownFieldSet.parseFrom(bytes));
    }
    return messages;
  }

  /** The empty text if it is not there. */
  private static String text(UnknownFieldSet of, int field) {
    return bytes(of, field).toStringUtf8();
  }

  private static String hex(UnknownFieldSet of, int field) {
    return HexFormat.of().formatHex(bytes(of, field).toByteArray());
  }

  private static ByteString bytes(UnknownFieldSet of, int field) {
    List<ByteString> values = of.getField(field).getLengthDelimitedList();
    return values.isEmpty() ? ByteString.EMPTY : values.get(0);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
