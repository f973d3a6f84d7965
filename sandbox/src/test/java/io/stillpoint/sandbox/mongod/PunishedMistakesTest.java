package io.stillpoint.sandbox.mongod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.stillpoint.sandbox.mongod.BackupSteps.Cursor;
import io.stillpoint.sandbox.mongod.LoadedServer.Restored;
import io.stillpoint.sandbox.mongod.RestoreToPoint.Step;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bson.BsonDocument;
import org.bson.BsonTimestamp;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Mistakes in the protocol, made on purpose on one server under load: each must come back wrong or
 * not at all. What Stillpoint does about each is listed in docs/punished-mistakes.md; mistakes that
 * need several servers are in {@link PunishedSetMistakesTest}.
 */
class PunishedMistakesTest {
  private static final Set<Step> ALL = EnumSet.allOf(Step.class);
  private static final Duration LIMIT = Duration.ofSeconds(30);

  @TempDir Path base;
  private LoadedServer source;
  private Path copy;

  private void start(String version, String... flags) {
    List<String> all = new ArrayList<>(List.of("--simulate", version));
    all.addAll(List.of(flags));
    source = new LoadedServer(base, all.toArray(String[]::new));
    copy = base.resolve("copy");
  }

  @AfterEach
  void stop() {
    source.end();
  }

  /** Restores to T and compares with what the source's oplog says of T. */
  private void assertDamaged(BsonTimestamp t) {
    Map<Integer, BsonDocument> expected = source.expectedAt(t);
    source.end();
    Restored restored = source.restore(copy, t);
    assertThat(restored.holds(expected)).as("a mistake must not come back right").isFalse();
  }

  /** The same where the server must come up, with other data; returns how it did. */
  private RestoreToPoint assertWrongWithoutAnError(
      BsonTimestamp t, Set<Step> steps, String... flags) {
    Map<Integer, BsonDocument> expected = source.expectedAt(t);
    source.end();
    RestoreToPoint recipe = RestoreToPoint.run(copy, source.port(), t, steps, flags);
    Restored restored = source.restore(copy, recipe);
    assertThat(restored.refused()).isFalse();
    assertThat(restored.documents()).isNotEmpty().isNotEqualTo(expected);
    return recipe;
  }

  @ParameterizedTest
  @ValueSource(strings = {"4.4", "8.0"})
  void shouldDamageACopyMadeWithoutACursor(String version) {
    start(version);
    BsonTimestamp t = source.now();
    List<String> data =
        source.steps().allFiles().stream()
            .filter(name -> name.endsWith(".wt") && !name.equals("WiredTiger.wt"))
            .toList();
    source.steps().copy(data, copy);
    source.goOn(5);
    // Metadata and journal are those of a later moment: it is what a plain copy does.
    source.endLoad();
    source.steps().copy(List.of("WiredTiger", "WiredTiger.wt", "WiredTiger.turtle"), copy);
    source.steps().copy(source.steps().journalFiles(), copy);
    assertDamaged(t);
  }

  @ParameterizedTest
  @ValueSource(strings = {"4.4", "8.0"})
  void shouldDamageACopyCutBeforeExtend(String version) {
    start(version);
    Cursor cursor = source.steps().open();
    List<String> files = source.steps().allFiles();
    source.steps().copy(files, copy);
    source.goOn(2);
    BsonTimestamp t = source.now();
    source.steps().extend(cursor, t);
    RestoreToPoint.deleteTheFive(copy);
    Map<Integer, BsonDocument> expected = source.expectedAt(t);
    source.end();
    Restored restored = source.restore(copy, t);
    assertThat(restored.refused()).isFalse();
    assertThat(restored.documents()).isNotEqualTo(expected);
  }

  private enum End {
    CLOSED,
    TIMED_OUT
  }

  private void end(Cursor cursor, End how) {
    if (how == End.CLOSED) {
      source.steps().kill(cursor);
    } else {
      source.server().run("admin", "{setParameter: 1, clientCursorMonitorFrequencySecs: 1}");
      source.server().run("admin", "{setParameter: 1, cursorTimeoutMillis: 1}");
      await().atMost(LIMIT).until(() -> !source.steps().isBackupOpen());
    }
  }

  @ParameterizedTest
  @EnumSource(End.class)
  void shouldDamageACopyThatGoesOnAfterItsCursor(End how) {
    start("4.4");
    Cursor cursor = source.steps().open();
    source.steps().copy(List.of("storage.bson", "WiredTiger.backup"), copy);
    BsonTimestamp t = source.now();
    List<String> files = new ArrayList<>(cursor.files());
    files.addAll(source.steps().extend(cursor, t));
    end(cursor, how);
    source.goOn(5);
    files.remove("WiredTiger.backup");
    source.steps().copy(files.stream().distinct().toList(), copy);
    assertDamaged(t);
  }

  @Test
  void shouldLoseTheMetadataWhenTheCutComesAfterTheCursor() {
    start("4.4");
    Cursor cursor = source.steps().open();
    source.goOn(1);
    BsonTimestamp t = source.now();
    source.steps().extend(cursor, t);
    source.steps().kill(cursor);
    source.goOn(2);
    source.endLoad();
    source.steps().copy(source.steps().allFiles(), copy);
    assertThat(copy.resolve("WiredTiger.backup")).doesNotExist();
    // Started as it is, it ends late and without an error.
    assertWrongWithoutAnError(t, ALL);
  }

  @Test
  void shouldDamageACopyMadeUnderTwoCursors() {
    start("4.4");
    Cursor first = source.steps().open();
    List<String> data = new ArrayList<>(first.files());
    data.removeIf(name -> !name.endsWith(".wt"));
    source.steps().copy(data, copy);
    source.steps().kill(first);
    source.goOn(5);
    Cursor second = source.steps().open();
    BsonTimestamp t = source.now();
    List<String> rest = new ArrayList<>(second.files());
    rest.addAll(source.steps().extend(second, t));
    rest.removeAll(data);
    source.steps().copy(rest.stream().distinct().toList(), copy);
    source.steps().copy(List.of("storage.bson"), copy);
    assertDamaged(t);
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 6, 12})
  void shouldDamageACopyOfATruncatedList(int kept) {
    start("8.0");
    Cursor cursor = source.steps().open();
    BsonTimestamp t = source.now();
    source.steps().copy(cursor.files().subList(0, kept), copy);
    source.steps().copy(source.steps().extend(cursor, t), copy);
    source.steps().copy(List.of("storage.bson"), copy);
    assertDamaged(t);
  }

  @Test
  void shouldNotRestoreAnAlteredFile() {
    start("4.4");
    Path whole = wholeCopy();
    BsonTimestamp t = source.now();
    Path file = whole.resolve(source.dataFile());
    try {
      byte[] bytes = Files.readAllBytes(file);
      for (int i = bytes.length / 4; i < bytes.length; i += 512) {
        bytes[i] ^= 0x55;
      }
      Files.write(file, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    assertDamaged(t);
  }

  /** A right copy of everything, with the five files deleted, and T in its journal. */
  private Path wholeCopy() {
    Cursor cursor = source.steps().open();
    source.goOn(1);
    source.steps().extend(cursor, source.now());
    source.steps().copy(source.steps().allFiles(), copy);
    RestoreToPoint.deleteTheFive(copy);
    return copy;
  }

  @ParameterizedTest
  @ValueSource(strings = {"6.0", "7.0", "8.0"})
  void shouldEndLateWhenTheTurtleIsKept(String version) {
    start(version);
    Cursor cursor = source.steps().open();
    BsonTimestamp t = source.now();
    source.steps().extend(cursor, t);
    source.goOn(3);
    // As a volume's snapshot would be: everything of one moment.
    source.endLoad();
    source.steps().copy(source.steps().allFiles(), copy);
    RestoreToPoint recipe = assertWrongWithoutAnError(t, ALL, "--simulate", version);
    assertThat(recipe.logged(5844600)).isTrue();
    assertThat(recipe.logged(21556)).isTrue();
  }

  @Test
  void shouldEndLateWithoutTruncation() {
    start("4.4");
    Cursor cursor = source.steps().open();
    BsonTimestamp t = source.now();
    source.steps().extend(cursor, t);
    source.goOn(1);
    source.steps().copy(source.steps().allFiles(), copy);
    RestoreToPoint.deleteTheFive(copy);
    assertWrongWithoutAnError(t, EnumSet.of(Step.RESET_MINVALID));
  }

  @Test
  void shouldEndLateWithoutWiredTigerBackup() {
    start("4.4");
    Cursor cursor = source.steps().open();
    BsonTimestamp t = source.now();
    source.steps().extend(cursor, t);
    source.goOn(2);
    source.endLoad();
    source.steps().copy(source.steps().allFiles(), copy);
    RestoreToPoint.delete(copy.resolve("WiredTiger.backup"));
    assertWrongWithoutAnError(t, ALL);
  }

  /** Another set's snapshot under the same name and port, or an older one of the same set. */
  @Test
  void shouldBringBackOtherDataFromAnotherSnapshot() {
    start("4.4");
    BsonTimestamp t = source.now();
    Map<Integer, BsonDocument> expected = source.expectedAt(t);
    source.end();
    try (LoadedServer other = new LoadedServer(base.resolve("other"), source.port())) {
      Cursor cursor = other.steps().open();
      other.goOn(2);
      BsonTimestamp theirs = other.now();
      other.steps().extend(cursor, theirs);
      other.steps().copy(other.steps().allFiles(), copy);
      RestoreToPoint.deleteTheFive(copy);
      other.end();
      Restored restored = source.restore(copy, theirs);
      assertThat(restored.refused()).isFalse();
      assertThat(restored.documents()).isNotEmpty().isNotEqualTo(expected);
    }
  }
}
