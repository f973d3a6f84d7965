package io.stillpoint.sandbox.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillpoint.sandbox.contract.Servers.OneMember;
import io.stillpoint.sandbox.wire.WireClient;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonString;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * The contract's rows "Sessions, auth" for servers without authentication. A1, A2, A7, A8 and A13
 * need users: see {@link AuthenticationContractTest}.
 */
@Contract
class SessionContractTest {

  private static Backup openIn(Node node, int session) {
    return node.open(Backup.withSession(Node.openCommand(new BsonDocument()), session));
  }

  private static BsonDocument without(BsonDocument command, String field) {
    BsonDocument result = command.clone();
    result.remove(field);
    return result;
  }

  @Test
  @DisplayName("A3 opened without a session, continued in one")
  void shouldRefuseASessionForACursorWithoutOne(OneMember r1) {
    try (Backup backup = r1.node().open()) {
      r1.node()
          .assertFails(
              Backup.withSession(backup.getMoreCommand(), 1), 50736, "not created in a session");
      backup.assertAlive();
    }
  }

  @Test
  @DisplayName("A4 opened in a session, continued without")
  void shouldRefuseNoSessionForACursorWithOne(OneMember r1) {
    try (Backup backup = openIn(r1.node(), 2)) {
      r1.node().assertFails(without(backup.getMoreCommand(), "lsid"), 50737, "without an lsid");
      backup.assertAlive();
    }
  }

  @Test
  @DisplayName("A5 continued in another session")
  void shouldRefuseAnotherSession(OneMember r1) {
    try (Backup backup = openIn(r1.node(), 3)) {
      r1.node()
          .assertFails(Backup.withSession(backup.getMoreCommand(), 4), 50738, "created in session");
      backup.assertAlive();
    }
  }

  @Test
  @DisplayName("A6 continued from another connection")
  void shouldOutliveItsConnection(OneMember r1) {
    Node opener = new Node(r1.node().server());
    Backup backup = openIn(opener, 5);
    opener.close();
    assertThat(backup.getMore(r1.node()).getNumber("id").longValue()).isEqualTo(backup.id());
    assertThat(r1.node().run("admin", backup.killCommand()).getArray("cursorsKilled")).hasSize(1);
    assertThat(r1.node().isBackupOpen()).isFalse();
  }

  @Test
  @DisplayName("A9 getMore on another collection")
  void shouldRefuseAnotherNamespace(OneMember r1) {
    try (Backup backup = r1.node().open()) {
      BsonDocument command = backup.getMoreCommand();
      command.put("collection", new BsonString("foo"));
      r1.node().assertFails(command, 13, "different namespace");
      backup.assertAlive();
    }
  }

  @Test
  @DisplayName("A10 getMore with a time limit")
  void shouldRefuseATimeLimitOfGetMore(OneMember r1) {
    try (Backup backup = r1.node().open()) {
      BsonDocument command = backup.getMoreCommand().append("maxTimeMS", new BsonInt32(1_000));
      r1.node().assertFails(command, 2, "non-awaitData");
      backup.assertAlive();
    }
  }

  @Test
  @DisplayName("A11 two getMores at once")
  void shouldSurviveParallelGetMores(OneMember r1) throws ExecutionException, InterruptedException {
    try (Backup backup = openIn(r1.node(), 6)) {
      List<CompletableFuture<Integer>> codes =
          java.util.stream.IntStream.range(0, 4)
              .mapToObj(i -> CompletableFuture.supplyAsync(() -> codeOf(r1.node(), backup)))
              .toList();
      for (CompletableFuture<Integer> code : codes) {
        assertThat(code.get()).isIn(0, 143);
      }
      backup.assertAlive();
    }
  }

  private static int codeOf(Node node, Backup backup) {
    try (WireClient connection = node.connect()) {
      return connection
          .send("admin", backup.getMoreCommand(), Node.TIMEOUT)
          .getNumber("code", new BsonInt32(0))
          .intValue();
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  @DisplayName("A12 killCursors with another session or none")
  void shouldBeKilledFromAnySession(OneMember r1) {
    for (Integer killer : new Integer[] {7, null}) {
      try (Backup backup = openIn(r1.node(), 8)) {
        BsonDocument command = backup.killCommand();
        BsonDocument sent = killer == null ? command : Backup.withSession(command, killer);
        assertThat(r1.node().run("admin", sent).getArray("cursorsKilled"))
            .containsExactly(new BsonInt64(backup.id()));
        assertThat(r1.node().isBackupOpen()).isFalse();
      }
    }
  }

  @Test
  @DisplayName("A14 killCursors twice")
  void shouldNotFindAKilledCursor(OneMember r1) {
    try (Backup backup = r1.node().open()) {
      assertThat(backup.kill().getArray("cursorsKilled"))
          .containsExactly(new BsonInt64(backup.id()));
      assertThat(backup.kill().getArray("cursorsNotFound"))
          .containsExactly(new BsonInt64(backup.id()));
    }
  }

  @Test
  @DisplayName("A15 getMore of a killed cursor")
  void shouldNotContinueAKilledCursor(OneMember r1) {
    try (Backup backup = r1.node().open()) {
      backup.kill();
      backup.assertGone();
    }
  }
}
