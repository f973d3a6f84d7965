package io.stillpoint.mongo;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.MongoCommandException;
import com.mongodb.MongoCredential;
import com.mongodb.MongoSecurityException;
import com.mongodb.MongoSocketReadTimeoutException;
import com.mongodb.ServerAddress;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import java.io.IOException;
import org.bson.BsonDocument;
import org.junit.jupiter.api.Test;

final class ServerErrorsTest {

  private static final String HOST = "db1:27017";

  @Test
  void shouldNameTheMissingPrivilege() {
    StillpointException e =
        translate("$backupCursor", "{ok:0,code:13,errmsg:'not authorized on admin'}");
    assertThat(e.code()).isEqualTo(ErrorCode.MONGO_NOT_AUTHORIZED);
    assertThat(e.text())
        .contains(HOST, "$backupCursor", "not authorized on admin")
        .contains("HINT: grant the user the action fsync");
  }

  @Test
  void shouldTellServersWithoutBackupCursors() {
    StillpointException e =
        translate("$backupCursor", "{ok:0,code:40324,errmsg:'Unrecognized pipeline stage name'}");
    assertThat(e.code()).isEqualTo(ErrorCode.STAGES_MISSING);
  }

  @Test
  void shouldKeepTheServersCodeForThoseWhoCanDoSomethingAboutIt() {
    StillpointException e =
        translate("$backupCursor", "{ok:0,code:50915,errmsg:'A checkpoint took place'}");
    assertThat(e.code()).isEqualTo(ErrorCode.MONGO_COMMAND_FAILED);
    assertThat(ServerErrors.codeOf(e)).isEqualTo(ServerErrors.CHECKPOINT_DURING_OPEN);
  }

  @Test
  void shouldSayThatAServerDidNotAnswer() {
    StillpointException e =
        ServerErrors.translate(
            HOST,
            "getMore",
            new MongoSocketReadTimeoutException(
                "Timeout", new ServerAddress(HOST), new IOException("x")));
    assertThat(e.code()).isEqualTo(ErrorCode.MONGO_UNREACHABLE);
    assertThat(e.code().retryable()).isTrue();
    assertThat(e.text()).contains(HOST, "getMore");
    assertThat(ServerErrors.codeOf(e)).isEqualTo(-1);
  }

  @Test
  void shouldNotRepeatCredentials() {
    MongoCredential credential =
        MongoCredential.createCredential("backup", "admin", "s3cret".toCharArray());
    StillpointException e =
        ServerErrors.translate(
            HOST, "ping", new MongoSecurityException(credential, "s3cret was refused"));
    assertThat(e.code()).isEqualTo(ErrorCode.MONGO_NOT_AUTHORIZED);
    assertThat(e.text()).contains(HOST).doesNotContain("s3cret");
    assertThat(e.getCause()).isNull();
  }

  private static StillpointException translate(String command, String reply) {
    return ServerErrors.translate(
        HOST,
        command,
        new MongoCommandException(BsonDocument.parse(reply), new ServerAddress(HOST)));
  }
}
