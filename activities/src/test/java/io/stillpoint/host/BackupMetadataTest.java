package io.stillpoint.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackupMetadataTest {

  private static final String NO_CHECKPOINT = "file:WiredTiger.wt\na=b,checkpoint=,lsn=(1,0)\n";
  private static final String CHECKPOINT =
      "file:WiredTiger.wt\na=b,checkpoint=(WiredTigerCheckpoint.1=(addr=\"01\")),lsn=(1,0)\n";

  @TempDir Path data;
  @TempDir Path directory;
  private BackupMetadata metadata;

  @BeforeEach
  void restored() throws IOException {
    write("WiredTiger.backup", "as copied");
    metadata = new BackupMetadata(data, directory);
    metadata.makeStartable();
    assertThat(data.resolve("WiredTiger.backup")).hasContent("as copied");
  }

  @Test
  void shouldPutTheFileBackWhenAStartEndedBeforeItsCheckpoint() throws IOException {
    Files.delete(data.resolve("WiredTiger.backup"));
    write("WiredTiger.turtle", NO_CHECKPOINT);
    write("WiredTiger.wt", "no table");
    write("mongod.lock", "4711\n");
    metadata.makeStartable();
    assertThat(data.resolve("WiredTiger.backup")).hasContent("as copied");
    BackupMetadata.NEVER_RESTORED.forEach(n -> assertThat(data.resolve(n)).doesNotExist());
  }

  @Test
  void shouldPutTheFileBackWhenAnEarlierRepetitionDiedBeforeOrAfterThat() throws IOException {
    Files.delete(data.resolve("WiredTiger.backup"));
    metadata.makeStartable();
    assertThat(data.resolve("WiredTiger.backup")).hasContent("as copied");
    write("WiredTiger.wt", "no table");
    metadata.makeStartable();
    assertThat(data.resolve("WiredTiger.backup")).hasContent("as copied");
    assertThat(data.resolve("WiredTiger.wt")).doesNotExist();
  }

  @Test
  void shouldLeaveDataAloneThatHasItsOwnCheckpoint() throws IOException {
    Files.delete(data.resolve("WiredTiger.backup"));
    write("WiredTiger.turtle", CHECKPOINT);
    write("WiredTiger.wt", "all tables");
    metadata.makeStartable();
    assertThat(data.resolve("WiredTiger.backup")).doesNotExist();
    assertThat(data.resolve("WiredTiger.turtle")).hasContent(CHECKPOINT.strip());
    assertThat(data.resolve("WiredTiger.wt")).hasContent("all tables");
  }

  @Test
  void shouldNeverReplaceWhatWasKept() throws IOException {
    write("WiredTiger.backup", "changed");
    metadata.makeStartable();
    assertThat(directory.resolve("WiredTiger.backup")).hasContent("as copied");
  }

  private void write(String name, String content) throws IOException {
    Files.writeString(data.resolve(name), content);
  }
}
