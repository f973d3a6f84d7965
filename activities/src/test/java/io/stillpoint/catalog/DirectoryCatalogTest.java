package io.stillpoint.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stillpoint.activity.CatalogActivities.BeginRequest;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.SnapshotType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What only a directory can suffer; the rest is in the contract of all catalogs. */
class DirectoryCatalogTest {

  private static final String OWNER = "backup/shop-1:run-1";

  @TempDir private Path root;
  private DirectoryCatalog catalog;

  @BeforeEach
  void open() {
    catalog = new DirectoryCatalog(root, Clock.systemUTC());
  }

  @Test
  void shouldFindEveryChangedByteOfAManifest() throws IOException {
    begin("shop-1", OWNER);
    Path file = root.resolve("shop-1/manifest.json");
    byte[] good = Files.readAllBytes(file);
    for (int i = 0; i < good.length; i++) {
      if (Character.isWhitespace(good[i])) {
        continue;
      }
      byte[] bad = good.clone();
      bad[i] = (byte) (bad[i] == 'x' ? 'y' : 'x');
      Files.write(file, bad);
      assertThatThrownBy(() -> catalog.read("shop-1"))
          .as("byte %d", i)
          .isInstanceOfSatisfying(
              StillpointException.class,
              e ->
                  assertThat(e.code())
                      .isIn(ErrorCode.MANIFEST_DAMAGED, ErrorCode.MANIFEST_VERSION));
    }
    Files.write(file, Arrays.copyOf(good, good.length / 2));
    assertCode(() -> catalog.read("shop-1"), ErrorCode.MANIFEST_DAMAGED);
    Files.write(file, new byte[0]);
    assertCode(() -> catalog.read("shop-1"), ErrorCode.MANIFEST_DAMAGED);
    Files.writeString(
        file,
        new String(good, StandardCharsets.UTF_8)
            .replace("\"formatVersion\" : 2", "\"formatVersion\" : 3"));
    assertCode(() -> catalog.read("shop-1"), ErrorCode.MANIFEST_VERSION);
  }

  @Test
  void shouldSayThatTheCatalogCannotBeWritten() throws IOException {
    Path file = root.resolve("file");
    Files.writeString(file, "not a directory");
    DirectoryCatalog broken = new DirectoryCatalog(file, Clock.systemUTC());

    assertCode(
        () -> broken.begin(new BeginRequest("b", "shop", SnapshotType.EBS, OWNER, Map.of())),
        ErrorCode.CATALOG_UNWRITABLE);
  }

  /** To say that there is none would let somebody believe that all backups are gone. */
  @Test
  void shouldNotTakeACatalogThatCannotBeReadForAnEmptyOne() throws IOException {
    Path file = root.resolve("file");
    Files.writeString(file, "not a directory");
    DirectoryCatalog broken = new DirectoryCatalog(file, Clock.systemUTC());

    assertCode(() -> broken.list(Optional.empty(), 10), ErrorCode.CATALOG_UNREADABLE);
    assertCode(() -> broken.users("b"), ErrorCode.CATALOG_UNREADABLE);
    assertCode(() -> broken.operations("shop"), ErrorCode.CATALOG_UNREADABLE);
  }

  private void begin(String backup, String owner) {
    catalog.begin(
        new BeginRequest(backup, "shop", SnapshotType.DIRECTORY, owner, Map.of("why", "test")));
  }

  private static void assertCode(ThrowingCallable call, ErrorCode code) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StillpointException.class, e -> assertThat(e.code()).isEqualTo(code));
  }
}
