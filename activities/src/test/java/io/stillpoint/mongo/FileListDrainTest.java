package io.stillpoint.mongo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FileListDrainTest {

  @Test
  void shouldMakeNamesRelativeToTheDataDirectory() {
    assertThat(FileListDrain.relative("/data/db", "/data/db/journal/WiredTigerLog.0000000001"))
        .isEqualTo("journal/WiredTigerLog.0000000001");
    assertThat(FileListDrain.relative("/data/db/", "/data/db/WiredTiger")).isEqualTo("WiredTiger");
  }

  @ParameterizedTest
  @CsvSource({
    "/data/db,/data/db2/WiredTiger",
    "/data/db,/data/db/",
    "'',/WiredTiger",
    "/data/db,x"
  })
  void shouldRefuseNamesOutsideOfTheDataDirectory(String dbPath, String file) {
    assertThatExceptionOfType(StillpointException.class)
        .isThrownBy(() -> FileListDrain.relative(dbPath, file))
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.FILE_LIST_DAMAGED))
        .withMessageContaining(file);
  }
}
