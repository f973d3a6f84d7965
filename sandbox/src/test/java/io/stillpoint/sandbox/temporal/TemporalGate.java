package io.stillpoint.sandbox.temporal;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.Grpc;
import io.grpc.HandlerRegistry;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.TlsServerCredentials;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.stillpoint.sandbox.auth.SelfSigned;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Set;

/**
 * Stands before a real Temporal server as a company's does: TLS with client certificates, an API
 * key, and methods that these credentials may not call.
 */
final class TemporalGate implements AutoCloseable {
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private final ManagedChannel behind;
  private final Server server;

  /**
   * @param trusted the only client certificate that is let in
   * @param denied methods, such as StartWorkflowExecution
   */
  static TemporalGate start(
      String address, SelfSigned identity, SelfSigned trusted, String apiKey, Set<String> denied) {
    ManagedChannel behind =
        Grpc.newChannelBuilder(address, InsecureChannelCredentials.create()).build();
    try {
      Server server =
          Grpc.newServerBuilderForPort(
                  0,
                  TlsServerCredentials.newBuilder()
                      .keyManager(identity.certificate().toFile(), identity.key().toFile())
                      .trustManager(trusted.certificate().toFile())
                      .clientAuth(TlsServerCredentials.ClientAuth.REQUIRE)
                      .build())
              .fallbackHandlerRegistry(new Forward(behind, new Rules(apiKey, denied)))
              .build()
              .start();
      return new TemporalGate(behind, server);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private TemporalGate(ManagedChannel behind, Server server) {
    this.behind = behind;
    this.server = server;
  }

  String address() {
    return "127.0.0.1:" + server.getPort();
  }

  @Override
  public void close() {
    server.shutdownNow();
    behind.shutdownNow();
  }

  /** What every call must pass. */
  private record Rules(String apiKey, Set<String> denied) implements ServerInterceptor {
    @Override
    public <A, B> ServerCall.Listener<A> interceptCall(
        ServerCall<A, B> call, Metadata headers, ServerCallHandler<A, B> next) {
      if (!("Bearer " + apiKey).equals(headers.get(AUTHORIZATION))) {
        return refuse(call, Status.UNAUTHENTICATED.withDescription("no such API key"));
      }
      if (denied.contains(call.getMethodDescriptor().getBareMethodName())) {
        return refuse(call, Status.PERMISSION_DENIED.withDescription("not for this role"));
      }
      return next.startCall(call, headers);
    }

    private static <A, B> ServerCall.Listener<A> refuse(ServerCall<A, B> call, Status status) {
      call.close(status, new Metadata());
      return new ServerCall.Listener<>() {};
    }
  }

  /** Passes every unary call on as the bytes that it is. */
  private static final class Forward extends HandlerRegistry {
    private final Channel behind;
    private final Rules rules;

    Forward(Channel behind, Rules rules) {
      this.behind = behind;
      this.rules = rules;
    }

    @Override
    public ServerMethodDefinition<?, ?> lookupMethod(String name, String authority) {
      MethodDescriptor<byte[], byte[]> method =
          MethodDescriptor.newBuilder(Bytes.MARSHALLER, Bytes.MARSHALLER)
              .setType(MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(name)
              .build();
      ServerCallHandler<byte[], byte[]> handler =
          ServerCalls.asyncUnaryCall(
              (request, answer) ->
                  ClientCalls.asyncUnaryCall(
                      behind.newCall(method, CallOptions.DEFAULT), request, answer));
      ServerServiceDefinition service =
          ServerInterceptors.intercept(
              ServerServiceDefinition.builder(MethodDescriptor.extractFullServiceName(name))
                  .addMethod(method, handler)
                  .build(),
              rules);
      return service.getMethod(name);
    }
  }

  private enum Bytes implements MethodDescriptor.Marshaller<byte[]> {
    MARSHALLER;

    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
