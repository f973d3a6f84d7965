package io.stillpoint.sandbox.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillpoint.sandbox.contract.Servers.OneMember;
import io.stillpoint.sandbox.contract.Servers.Standalone;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The contract's rows "Parse errors". */
@Contract
class ParseContractTest {

  private static BsonDocument open(String options) {
    return Node.openCommand(BsonDocument.parse(options));
  }

  private static void assertRefused(Node node, String options, int code, String fragment) {
    node.assertFails(open(options), code, fragment);
    assertThat(node.isBackupOpen()).isFalse();
  }

  @Test
  @DisplayName("P1 options that are no object")
  void shouldRefuseOptionsThatAreNoObject(Standalone s) {
    BsonDocument command = Node.command(new BsonDocument("$backupCursor", new BsonInt32(1)));
    s.node().assertFails(command, 9, "must be specified in an object");
  }

  @Test
  @DisplayName("P2 unknown option")
  void shouldRefuseUnknownOptions(Standalone s) {
    assertRefused(s.node(), "{foo: 1}", 9, "Unrecognized option 'foo'");
  }

  @Test
  @DisplayName("P3 flags that are no booleans")
  void shouldRefuseFlagsThatAreNoBooleans(Standalone s) {
    assertRefused(s.node(), "{incrementalBackup: 'x'}", 14, "must be a boolean value");
    assertRefused(s.node(), "{disableIncrementalBackup: 1}", 14, "must be a boolean value");
  }

  @Test
  @DisplayName("P4 block size that is no int32")
  void shouldRefuseABlockSizeThatIsNoInt32(Standalone s) {
    assertRefused(s.node(), "{blockSize: {$numberLong: '16'}}", 14, "must be an integer value");
    assertRefused(s.node(), "{blockSize: {$numberDouble: '16.0'}}", 14, "must be an integer value");
  }

  @Test
  @DisplayName("P5 backup name that is no string")
  void shouldRefuseABackupNameThatIsNoString(Standalone s) {
    assertRefused(
        s.node(), "{thisBackupName: 1, incrementalBackup: true}", 14, "must be a string value");
  }

  @Test
  @DisplayName("P6 both flags")
  void shouldRefuseBothFlags(Standalone s) {
    assertRefused(
        s.node(),
        "{incrementalBackup: true, disableIncrementalBackup: true, thisBackupName: 'a'}",
        72,
        "mutually exclusive");
  }

  @Test
  @DisplayName("P7 name without incremental")
  void shouldRefuseANameWithoutIncremental(Standalone s) {
    assertRefused(
        s.node(), "{thisBackupName: 'a'}", 72, "only allowed when 'incrementalBackup' is true");
  }

  @Test
  @DisplayName("P8 on a collection")
  void shouldRefuseACollection(Standalone s) {
    BsonDocument command = open("{}");
    command.put("aggregate", new BsonString("coll"));
    s.node().assertFails(command, 73, "can only be run with {aggregate: 1}");
    assertThat(s.node().isBackupOpen()).isFalse();
  }

  @Test
  @DisplayName("P9 inside a transaction")
  void shouldRefuseATransaction(OneMember r1) {
    BsonDocument command =
        Backup.withSession(open("{}"), 9)
            .append("txnNumber", new org.bson.BsonInt64(1))
            .append("startTransaction", org.bson.BsonBoolean.TRUE)
            .append("autocommit", org.bson.BsonBoolean.FALSE);
    command.remove("$readPreference");
    r1.node().assertFails(command, 263, "");
    assertThat(r1.node().isBackupOpen()).isFalse();
  }

  @Test
  @DisplayName("P10 not the first stage")
  void shouldRefuseALaterStage(Standalone s) throws Exception {
    BsonDocument command =
        Node.command(BsonDocument.parse("{$match: {}}"), BsonDocument.parse("{$backupCursor: {}}"));
    try (var connection = s.node().connect()) {
      BsonDocument reply = connection.send("admin", command, Node.TIMEOUT);
      assertThat(reply.getNumber("ok").intValue()).isZero();
      assertThat(reply.getNumber("code").intValue()).isIn(40602, 73);
    }
    assertThat(s.node().isBackupOpen()).isFalse();
  }

  @Test
  @OnServers(simulatedOnly = true, because = "a real server aborts")
  @DisplayName("P11 incremental without a name")
  void shouldRefuseIncrementalWithoutAName(Standalone s) {
    assertRefused(s.node(), "{incrementalBackup: true}", 72, "");
  }
}
