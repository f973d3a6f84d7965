package io.stillpoint.sandbox.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mongodb.MongoCommandException;
import com.mongodb.WriteConcern;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;
import org.bson.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WireServerTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final BlockingQueue<BsonDocument> received = new LinkedBlockingQueue<>();
  private final CountDownLatch release = new CountDownLatch(1);
  private final CountDownLatch noticed = new CountDownLatch(1);
  private WireServer server;

  @BeforeEach
  void start() throws IOException {
    server = WireServer.start(InetAddress.getLoopbackAddress(), 0, this::handle);
  }

  @AfterEach
  void stop() {
    release.countDown();
    server.close();
  }

  private BsonDocument handle(Connection connection, String db, BsonDocument command) {
    switch (command.getFirstKey()) {
      case "isMaster", "ismaster", "hello" -> {
        return new BsonDocument("ismaster", BsonBoolean.TRUE)
            .append("isWritablePrimary", BsonBoolean.TRUE)
            .append("minWireVersion", new BsonInt32(0))
            .append("maxWireVersion", new BsonInt32(9))
            .append("maxBsonObjectSize", new BsonInt32(16 * 1024 * 1024))
            .append("maxMessageSizeBytes", new BsonInt32(48_000_000))
            .append("maxWriteBatchSize", new BsonInt32(100_000))
            .append("ok", new BsonInt32(1));
      }
      case "fail" -> throw new CommandException(9, "FailedToParse", "no such thing");
      case "wait" -> awaitClientGone(connection);
      default -> received.add(command.append("db", new BsonString(db)));
    }
    return new BsonDocument("n", new BsonInt32(1)).append("ok", new BsonInt32(1));
  }

  private void awaitClientGone(Connection connection) {
    while (release.getCount() > 0) {
      if (connection.clientIsGone()) {
        noticed.countDown();
        return;
      }
    }
  }

  private WireClient client() throws IOException {
    return WireClient.connect("127.0.0.1:" + server.port(), TIMEOUT);
  }

  @Test
  void shouldServeTheUnmodifiedDriver() {
    try (MongoClient driver = MongoClients.create("mongodb://127.0.0.1:" + server.port())) {
      List<Document> documents =
          IntStream.range(0, 50).mapToObj(i -> new Document("_id", i)).toList();
      driver.getDatabase("shop").getCollection("orders").insertMany(documents);
      assertThatThrownBy(() -> driver.getDatabase("admin").runCommand(new Document("fail", 1)))
          .isInstanceOfSatisfying(
              MongoCommandException.class,
              e -> {
                assertThat(e.getErrorCode()).isEqualTo(9);
                assertThat(e.getErrorCodeName()).isEqualTo("FailedToParse");
                assertThat(e.getErrorMessage()).isEqualTo("no such thing");
              });
    }
    BsonDocument insert = received.remove();
    assertThat(insert.getFirstKey()).isEqualTo("insert");
    assertThat(insert.getString("db").getValue()).isEqualTo("shop");
    assertThat(insert.getArray("documents")).hasSize(50);
    assertThat(insert).doesNotContainKey("$db");
  }

  @Test
  void shouldNotReplyToUnacknowledgedWrites() throws InterruptedException {
    try (MongoClient driver = MongoClients.create("mongodb://127.0.0.1:" + server.port())) {
      var orders =
          driver
              .getDatabase("shop")
              .getCollection("orders")
              .withWriteConcern(WriteConcern.UNACKNOWLEDGED);
      orders.insertOne(new Document("_id", 1));
      assertThat(received.poll(10, TimeUnit.SECONDS)).containsKey("documents");
      assertThat(driver.getDatabase("shop").runCommand(new Document("ping", 1)).getInteger("n"))
          .isEqualTo(1);
    }
  }

  @Test
  void shouldTurnErrorRepliesIntoExceptions() throws IOException {
    try (WireClient client = client()) {
      assertThatThrownBy(() -> client.run("admin", command("fail"), TIMEOUT))
          .isInstanceOf(CommandException.class)
          .hasMessage("no such thing");
      assertThat(client.send("admin", command("fail"), TIMEOUT).getNumber("code").intValue())
          .isEqualTo(9);
      assertThat(client.run("admin", command("ping"), TIMEOUT)).containsKey("n");
    }
  }

  @Test
  void shouldCloseTheClientWhenAReplyIsLate() throws IOException {
    try (WireClient client = client()) {
      assertThatThrownBy(() -> client.send("admin", command("wait"), Duration.ofMillis(50)))
          .isInstanceOf(SocketTimeoutException.class);
      assertThat(client.isClosed()).isTrue();
    }
  }

  @Test
  void shouldNoticeDuringACommandThatTheClientIsGone() throws Exception {
    WireClient client = client();
    assertThatThrownBy(() -> client.send("admin", command("wait"), Duration.ofMillis(50)))
        .isInstanceOf(IOException.class);
    assertThat(noticed.await(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void shouldCheckTheChecksumWhenThereIsOne() throws IOException {
    byte[] plain = new WireMessage(7, 0, false, false, command("ping", "admin")).encode();
    assertThat(exchange(withChecksum(plain, 0)).body()).containsKey("n");
    assertThat(exchange(withChecksum(plain, 1))).isNull();
  }

  @Test
  void shouldDropAConnectionThatSendsGarbage() throws IOException {
    assertThat(
            exchange(
                "GET / HTTP/1.1\r\n\r\nxx".getBytes(java.nio.charset.StandardCharsets.US_ASCII)))
        .isNull();
  }

  private WireMessage exchange(byte[] request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.setSoTimeout((int) TIMEOUT.toMillis());
      socket.getOutputStream().write(request);
      return WireMessage.read(socket.getInputStream());
    }
  }

  private static byte[] withChecksum(byte[] plain, int error) {
    ByteBuffer message = ByteBuffer.allocate(plain.length + 4).order(ByteOrder.LITTLE_ENDIAN);
    message.put(plain).putInt(0, plain.length + 4).putInt(16, 1);
    CRC32C sum = new CRC32C();
    sum.update(message.array(), 0, plain.length);
    return message.putInt(plain.length, (int) sum.getValue() + error).array();
  }

  private static BsonDocument command(String name) {
    return new BsonDocument(name, new BsonInt32(1));
  }

  private static BsonDocument command(String name, String db) {
    return command(name).append("$db", new BsonString(db));
  }
}
