package io.stillpoint.sandbox.mongod;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillpoint.sandbox.mongod.BackupSteps.Cursor;
import io.stillpoint.sandbox.mongod.LoadedServer.Restored;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.bson.BsonDocument;
import org.bson.BsonTimestamp;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files are copied one by one while documents are written and checkpoints taken all the time. */
class CopyUnderLoadTest {
  @TempDir Path base;

  @ParameterizedTest
  @ValueSource(strings = {"4.4", "8.0"})
  void shouldRestoreExactlyTFromFilesCopiedWhileCursorIsOpen(String version) {
    Path copy = base.resolve("copy");
    try (LoadedServer source = new LoadedServer(base, "--simulate", version)) {
      Cursor cursor = source.steps().open();
      List<String> files = new ArrayList<>(cursor.files());
      Collections.shuffle(files, new Random(1));
      source.steps().copy(List.of("storage.bson"), copy);
      for (String file : files.subList(0, files.size() / 2)) {
        source.steps().copy(List.of(file), copy);
        source.goOn(1);
      }
      BsonTimestamp t = source.now();
      List<String> more = new ArrayList<>(source.steps().extend(cursor, t));
      source.goOn(3);
      for (String file : files.subList(files.size() / 2, files.size())) {
        source.steps().copy(List.of(file), copy);
        source.goOn(1);
      }
      more.removeAll(files);
      source.steps().copy(more, copy);
      Map<Integer, BsonDocument> expected = source.expectedAt(t);
      source.end();

      Restored restored = source.restore(copy, t);

      assertThat(restored.refused()).isFalse();
      assertThat(restored.recipe().logged(21556)).isFalse();
      assertThat(restored.documents()).isEqualTo(expected);
    }
  }
}
