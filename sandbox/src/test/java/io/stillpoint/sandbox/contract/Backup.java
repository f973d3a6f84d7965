package io.stillpoint.sandbox.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillpoint.sandbox.wire.CommandException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bson.BsonArray;
import org.bson.BsonBinary;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonString;
import org.bson.BsonTimestamp;
import org.bson.BsonValue;

/** An open backup cursor; closing kills it. */
final class Backup implements AutoCloseable {
  private final Node node;
  private final BsonDocument firstReply;
  private final BsonValue session;
  private final List<BsonDocument> documents = new ArrayList<>();

  Backup(Node node, BsonDocument firstReply, BsonValue session) {
    this.node = node;
    this.firstReply = firstReply;
    this.session = session;
    firstReply.getArray("firstBatch").forEach(each -> documents.add(each.asDocument()));
  }

  long id() {
    return firstReply.getNumber("id").longValue();
  }

  String namespace() {
    return firstReply.getString("ns").getValue();
  }

  List<BsonDocument> firstBatch() {
    return firstReply.getArray("firstBatch").stream().map(BsonValue::asDocument).toList();
  }

  BsonDocument metadata() {
    return documents.get(0).getDocument("metadata");
  }

  BsonBinary backupId() {
    return metadata().getBinary("backupId");
  }

  BsonDocument getMoreCommand() {
    BsonDocument command =
        new BsonDocument("getMore", new BsonInt64(id()))
            .append("collection", new BsonString("$cmd.aggregate"));
    if (session != null) {
      command.append("lsid", session);
    }
    return command;
  }

  BsonDocument getMore() {
    return getMore(node);
  }

  /** The next batch, from another connection. */
  BsonDocument getMore(Node through) {
    return through.run("admin", getMoreCommand()).getDocument("cursor");
  }

  void assertAlive() {
    assertThat(getMore().getNumber("id").longValue()).isEqualTo(id());
  }

  void assertGone() {
    node.assertFails(getMoreCommand(), 43, "not found");
  }

  /** Reads until an empty batch; the documents after the metadata. */
  List<BsonDocument> files() {
    BsonArray batch;
    do {
      batch = getMore().getArray("nextBatch");
      batch.forEach(each -> documents.add(each.asDocument()));
    } while (!batch.isEmpty());
    return documents.subList(1, documents.size());
  }

  List<Path> paths() {
    return files().stream().map(each -> Path.of(each.getString("filename").getValue())).toList();
  }

  BsonDocument extendCommand(BsonValue timestamp) {
    return extendCommand(backupId(), timestamp);
  }

  static BsonDocument extendCommand(BsonValue backupId, BsonValue timestamp) {
    BsonDocument spec = new BsonDocument();
    if (backupId != null) {
      spec.append("backupId", backupId);
    }
    if (timestamp != null) {
      spec.append("timestamp", timestamp);
    }
    return Node.command(new BsonDocument("$backupCursorExtend", spec));
  }

  List<BsonDocument> extend(BsonTimestamp timestamp) {
    BsonDocument cursor = node.run("admin", extendCommand(timestamp)).getDocument("cursor");
    assertThat(cursor.getNumber("id").longValue()).isZero();
    return cursor.getArray("firstBatch").stream().map(BsonValue::asDocument).toList();
  }

  BsonDocument killCommand() {
    BsonArray ids = new BsonArray();
    ids.add(new BsonInt64(id()));
    return new BsonDocument("killCursors", new BsonString("$cmd.aggregate")).append("cursors", ids);
  }

  /** The reply's arrays hold the id under what became of it. */
  BsonDocument kill() {
    return node.run("admin", killCommand());
  }

  @Override
  public void close() {
    try {
      kill();
      assertThat(node.isBackupOpen()).isFalse();
    } catch (CommandException e) {
      throw new AssertionError("cannot kill the backup cursor: " + e.getMessage(), e);
    }
  }

  static BsonDocument session(int number) {
    byte[] id = new byte[16];
    id[0] = (byte) number;
    id[6] = 0x40;
    id[8] = (byte) 0x80;
    return new BsonDocument("id", new BsonBinary(org.bson.BsonBinarySubType.UUID_STANDARD, id));
  }

  static BsonDocument withSession(BsonDocument command, int number) {
    BsonDocument result = command.clone();
    return result.append("lsid", session(number));
  }

  static BsonInt32 number(int value) {
    return new BsonInt32(value);
  }
}
