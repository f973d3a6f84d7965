package io.stillpoint.mongo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mongodb.client.ClientSession;
import com.mongodb.client.MongoClient;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.bson.UuidRepresentation;
import org.junit.jupiter.api.Test;

final class MongoConnectionsTest {

  private static final MongoTimeouts SHORT =
      new MongoTimeouts(Duration.ofMillis(300), Duration.ofMillis(300));

  @Test
  void shouldReadTheSeedsOfAUri() {
    try (MongoConnections connections = connections("mongodb://u:p@a:1,b,[::1]:3/?replicaSet=x")) {
      assertThat(connections.seeds("shop")).containsExactlyInAnyOrder("a:1", "b:27017", "[::1]:3");
    }
  }

  @Test
  void shouldRefuseAnUnknownCluster() {
    try (MongoConnections connections = connections("mongodb://a")) {
      assertThatExceptionOfType(StillpointException.class)
          .isThrownBy(() -> connections.settings("other"))
          .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.CLUSTER_UNKNOWN))
          .withMessageContaining("other")
          .withMessageContaining("shop");
    }
  }

  @Test
  void shouldNotRepeatAnUnreadableUri() {
    try (MongoConnections connections = connections("mongodb://u:p@ss:h1dden@host")) {
      assertThatExceptionOfType(StillpointException.class)
          .isThrownBy(() -> connections.seeds("shop"))
          .satisfies(
              e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.CONFIGURATION_INVALID);
                assertThat(e.text()).doesNotContain("h1dden");
                assertThat(e.getCause()).isNull();
              });
    }
    assertThat(new ClusterSettings("shop", "mongodb://u:secret@h", List.of()).toString())
        .doesNotContain("secret");
  }

  @Test
  void shouldRefuseSrvNames() {
    try (MongoConnections connections = connections("mongodb+srv://u:secret@host.example")) {
      assertThatExceptionOfType(StillpointException.class)
          .isThrownBy(() -> connections.seeds("shop"))
          .satisfies(e -> assertThat(e.text()).contains("srv").doesNotContain("secret"));
    }
  }

  @Test
  void shouldSayWhichServerIsUnreachable() {
    try (MongoConnections connections =
        new MongoConnections(
            List.of(new ClusterSettings("shop", "mongodb://u:secret@127.0.0.1:1", List.of())),
            SHORT)) {
      assertThatExceptionOfType(StillpointException.class)
          .isThrownBy(() -> connections.server("shop", "127.0.0.1:1").hello())
          .satisfies(
              e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.MONGO_UNREACHABLE);
                assertThat(e.text())
                    .contains("127.0.0.1:1", "Connection refused")
                    .doesNotContain("secret");
              });
    }
  }

  @Test
  void shouldSendTheChosenSessionId() {
    UUID id = UUID.randomUUID();
    try (MongoClient client = new DirectClients(SHORT).loopback("127.0.0.1:1");
        ClientSession session = HandedOverSession.of(client, id)) {
      assertThat(
              session
                  .getServerSession()
                  .getIdentifier()
                  .getBinary("id")
                  .asUuid(UuidRepresentation.STANDARD))
          .isEqualTo(id);
      assertThat(session.isCausallyConsistent()).isFalse();
    }
  }

  private static MongoConnections connections(String uri) {
    return new MongoConnections(List.of(new ClusterSettings("shop", uri, List.of())));
  }
}
