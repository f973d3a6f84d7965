package io.stillpoint.sandbox.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stillpoint.sandbox.auth.ScramLogin;
import io.stillpoint.sandbox.contract.Servers.Authenticated;
import io.stillpoint.sandbox.wire.CommandException;
import org.bson.BsonDocument;
import org.bson.BsonInt64;
import org.bson.BsonString;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The contract's rows "Sessions, auth" that need users. */
@Contract
class AuthenticationContractTest {

  private static BsonDocument open() {
    return Node.openCommand(new BsonDocument());
  }

  private static BsonDocument openIn(int session) {
    return Backup.withSession(open(), session);
  }

  @ParameterizedTest(name = "A1 open as {0}")
  @ValueSource(strings = {"ro", "bk"})
  void shouldRefuseToOpenWithoutFsync(String user, Authenticated auth) {
    try (Node node = auth.as(user)) {
      node.assertFails(open(), 13, "not authorized on admin to execute command { aggregate: 1");
    }
  }

  @Test
  @DisplayName("A1 open as nobody")
  void shouldRefuseToOpenWithoutALogin(Authenticated auth) {
    try (Node node = auth.asNobody()) {
      node.assertFails(open(), 13, "command aggregate requires authentication");
      node.assertFails(
          BsonDocument.parse("{killCursors: '$cmd.aggregate', cursors: [{$numberLong: '7'}]}"),
          13,
          "command killCursors requires authentication");
    }
  }

  @Test
  @DisplayName("A2 open with fsync only")
  void shouldOpenWithFsync(Authenticated auth) {
    try (Node node = auth.as("hm")) {
      Backup backup = node.open(openIn(21));
      assertThat(backup.getMore().getNumber("id").longValue()).isEqualTo(backup.id());
      assertThat(backup.kill().getArray("cursorsKilled"))
          .containsExactly(new BsonInt64(backup.id()));
    }
  }

  @Test
  @DisplayName("A7 continued by its user in another session or none")
  void shouldRefuseAnotherSession(Authenticated auth) {
    try (Node node = auth.as("hm")) {
      Backup backup = node.open(openIn(22));
      BsonDocument withoutSession = backup.getMoreCommand();
      withoutSession.remove("lsid");
      node.assertFails(Backup.withSession(backup.getMoreCommand(), 23), 13, "Cursor session id (");
      node.assertFails(withoutSession, 13, "Cursor session id (");
      backup.assertAlive();
      backup.kill();
    }
  }

  @Test
  @DisplayName("A8 continued by another user in a session of the same id")
  void shouldRefuseAnotherUser(Authenticated auth) {
    try (Node owner = auth.as("hm");
        Node other = auth.as("hm2")) {
      Backup backup = owner.open(openIn(24));
      other.assertFails(backup.getMoreCommand(), 13, "Cursor session id (");
      backup.assertAlive();
      backup.kill();
    }
  }

  @Test
  @DisplayName("A8 another user opens, extends, and sets the owner's digest")
  void shouldTieTheCursorButNotTheBackupToItsUser(Authenticated auth) {
    try (Node owner = auth.as("hm");
        Node other = auth.as("hm2")) {
      Backup backup = owner.open(openIn(25));
      other.assertFails(open(), 50886, "must be closed before $backupCursor");
      assertThat(
              other
                  .run("admin", backup.extendCommand(new org.bson.BsonTimestamp(0, 0)))
                  .containsKey("cursor"))
          .isTrue();
      BsonDocument stolen = backup.getMoreCommand().clone();
      BsonDocument session = stolen.getDocument("lsid").clone();
      stolen.put("lsid", session);
      session.append("uid", new org.bson.BsonBinary(new byte[32]));
      other.assertFails(stolen, 13, "Unauthorized to set user digest in LogicalSessionId");
      backup.assertAlive();
      backup.kill();
    }
  }

  @Test
  @DisplayName("A6 continued by the same user from another connection")
  void shouldOutliveItsConnection(Authenticated auth) {
    Node opener = auth.as("hm");
    Backup backup = opener.open(openIn(26));
    opener.close();
    try (Node another = auth.as("hm")) {
      assertThat(backup.getMore(another).getNumber("id").longValue()).isEqualTo(backup.id());
      assertThat(another.run("admin", backup.killCommand()).getArray("cursorsKilled")).hasSize(1);
    }
  }

  @Test
  @DisplayName("A13 killed by another user without killAnyCursor")
  void shouldRefuseToBeKilledByAnother(Authenticated auth) {
    try (Node owner = auth.as("hm");
        Node other = auth.as("bk")) {
      Backup backup = owner.open(openIn(27));
      other.assertFails(
          backup.killCommand(), 13, "not authorized on admin to execute command { killCursors:");
      backup.assertAlive();
      backup.kill();
    }
  }

  @Test
  @DisplayName("A13 killed by another user with killAnyCursor")
  void shouldBeKilledByWhoMayKillAny(Authenticated auth) {
    try (Node owner = auth.as("hm");
        Node other = auth.as("hm2")) {
      Backup backup = owner.open(openIn(28));
      assertThat(other.run("admin", backup.killCommand()).getArray("cursorsKilled")).hasSize(1);
      backup.assertGone();
    }
  }

  @Test
  @DisplayName("A16 idle cursors of others need inprog")
  void shouldShowOnlyOwnCursorsWithoutInprog(Authenticated auth) {
    try (Node owner = auth.as("hm");
        Node other = auth.as("hm2")) {
      Backup backup = owner.open(openIn(29));
      other.assertFails(idleCursors(true), 13, "not authorized on admin");
      assertThat(backups(other)).isZero();
      assertThat(backups(owner)).isEqualTo(1);
      backup.kill();
    }
  }

  private static BsonDocument idleCursors(boolean allUsers) {
    return BsonDocument.parse(
        "{aggregate: 1, cursor: {}, pipeline: [{$currentOp: {idleCursors: true, allUsers: %s}},"
                .formatted(allUsers)
            + "{$match: {type: 'idleCursor', 'cursor.originatingCommand.comment': 't'}}]}");
  }

  private static int backups(Node node) {
    return node.run("admin", idleCursors(false))
        .getDocument("cursor")
        .getArray("firstBatch")
        .size();
  }

  @ParameterizedTest(name = "A17 {0} needs a privilege")
  @ValueSource(
      strings = {
        "{replSetGetStatus: 1}",
        "{replSetGetConfig: 1}",
        "{replSetStepUp: 1}",
        "{appendOplogNote: 1, data: {a: 1}}",
        "{getCmdLineOpts: 1}",
        "{getParameter: 1, featureCompatibilityVersion: 1}",
        "{serverStatus: 1}",
        "{shardingState: 1}",
        "{fsync: 1}"
      })
  void shouldRefuseCommandsWithoutTheirPrivilege(String command, Authenticated auth) {
    try (Node node = auth.as("ro")) {
      node.assertFails(BsonDocument.parse(command), 13, "not authorized on admin to execute");
    }
  }

  @Test
  @DisplayName("A17 reading the oplog needs a privilege")
  void shouldRefuseToReadTheOplog(Authenticated auth) {
    try (Node node = auth.as("ro")) {
      node.assertFails("local", BsonDocument.parse("{find: 'oplog.rs', limit: 1}"), 13, "local");
    }
  }

  @Test
  @DisplayName("A18 a revoked privilege is gone at once")
  void shouldForgetARevokedPrivilege(Authenticated auth) {
    BsonDocument privilege = BsonDocument.parse("{resource: {cluster: true}, actions: ['fsync']}");
    auth.cluster()
        .members()
        .get(0)
        .run(
            "admin",
            BsonDocument.parse("{createRole: 'cursors', roles: []}")
                .append("privileges", new org.bson.BsonArray(java.util.List.of(privilege))));
    auth.create("pr", "cursors");
    try (Node node = auth.as("pr")) {
      node.open(openIn(30)).kill();
      auth.cluster()
          .members()
          .get(0)
          .run(
              "admin",
              new BsonDocument("revokePrivilegesFromRole", new BsonString("cursors"))
                  .append("privileges", new org.bson.BsonArray(java.util.List.of(privilege))));
      node.assertFails(openIn(30), 13, "not authorized on admin");
    }
  }

  @Test
  @DisplayName("A19 a wrong password and an unknown user look the same")
  void shouldNotTellAWrongPasswordFromAnUnknownUser(Authenticated auth) {
    for (ScramLogin login :
        new ScramLogin[] {
          new ScramLogin("hm", "admin", "wrong"), new ScramLogin("nobody", "admin", "contract")
        }) {
      assertThatThrownBy(() -> new Node(auth.cluster().members().get(0), login))
          .isInstanceOfSatisfying(CommandException.class, e -> assertThat(e.code()).isEqualTo(18))
          .hasMessageContaining("Authentication failed");
    }
  }

  @Test
  @DisplayName("A20 connectionStatus shows what its user may do")
  void shouldShowThePrivilegesOfItsUser(Authenticated auth) {
    try (Node node = auth.as("hm")) {
      BsonDocument info =
          node.run("{connectionStatus: 1, showPrivileges: true}").getDocument("authInfo");
      assertThat(info.getArray("authenticatedUsers")).hasSize(1);
      assertThat(info.getArray("authenticatedUserPrivileges").stream().map(p -> p.asDocument()))
          .anyMatch(
              p ->
                  p.getDocument("resource").containsKey("cluster")
                      && p.getArray("actions").contains(new BsonString("fsync")));
    }
  }
}
