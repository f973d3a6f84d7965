package io.stillpoint.sandbox.cloud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stillpoint.activity.SnapshotActivities.VolumePlan;
import io.stillpoint.cloud.FoundSnapshot;
import io.stillpoint.cloud.Inscription;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.Manifest;
import io.stillpoint.model.SnapshotRef;
import io.stillpoint.provider.ProgressListener;
import io.stillpoint.provider.SnapshotProvider;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every cloud's provider must do. One class per cloud says on which bench. */
abstract class CloudProviderContract<B extends CloudBench> {

  @TempDir Path directory;

  B bench;

  abstract B open(Path root) throws Exception;

  @BeforeEach
  void openBench() throws Exception {
    bench = open(directory);
  }

  @AfterEach
  void closeBench() {
    bench.close();
  }

  @Test
  void shouldShowTheVolumesThatWouldBeCut() {
    SnapshotProvider provider = bench.provider();
    VolumePlan plan = provider.resolve(CloudBench.volumes(provider, CloudBench.ONE));
    assertThat(plan.volumes()).hasSize(2);
    assertThat(plan.volumes().get(0)).contains("data", "100 G");
    assertThat(plan.volumes().get(1))
        .as("the permission that was checked")
        .contains("reateSnapshot");
    assertThat(bench.existing()).isEmpty();
  }

  @Test
  void shouldCutOnceAndBecomeReady() {
    List<SnapshotRef> cut = bench.cutSurely(CloudBench.ONE, 1, "cursor-a");
    assertThat(cut).hasSize(1);
    assertThat(cut.get(0).cursorBackupId()).isEqualTo("cursor-a");
    assertThat(cut.get(0).role()).isEqualTo("data");

    List<SnapshotRef> ready = bench.awaitReady(cut);
    assertThat(ready).extracting(SnapshotRef::id).containsExactly(cut.get(0).id());
    assertThat(ready).allMatch(SnapshotRef::ready).allMatch(ref -> ref.bytes() > 0);
    assertThat(bench.existing()).hasSize(1);
  }

  @Test
  void shouldAdoptWhatAnEarlierTryOfTheSameCutMade() {
    List<SnapshotRef> first = bench.cutSurely(CloudBench.ONE, 1, "cursor-a");
    bench.advance(bench.betweenCuts());
    List<SnapshotRef> second = bench.cutSurely(CloudBench.ONE, 1, "cursor-a");
    assertThat(second.get(0).id()).isEqualTo(first.get(0).id());
    assertThat(bench.existing()).hasSize(1);
  }

  @Test
  void shouldNeverAdoptASnapshotThatWasCutUnderAnotherCursor() {
    List<SnapshotRef> lost = bench.cutSurely(CloudBench.ONE, 1, "cursor-a");
    bench.advance(bench.betweenCuts());
    List<SnapshotRef> other = bench.cutSurely(CloudBench.ONE, 1, "cursor-b");
    assertThat(other.get(0).id()).isNotEqualTo(lost.get(0).id());
    assertThat(other.get(0).cursorBackupId()).isEqualTo("cursor-b");
  }

  @Test
  void shouldDeleteWhatOlderAttemptsLeftBehindOnceTheLastIsReady() {
    List<SnapshotRef> lost = bench.cutSurely(CloudBench.ONE, 1, "cursor-a");
    bench.advance(bench.betweenCuts());
    List<SnapshotRef> good = bench.cutSurely(CloudBench.ONE, 2, "cursor-b");
    bench.awaitReady(good);
    assertThat(bench.existing()).containsExactly(good.get(0).id()).doesNotContain(lost.get(0).id());
  }

  @Test
  void shouldNotLetALateWaiterDeleteANewerAttemptsSnapshots() {
    List<SnapshotRef> old = bench.cutSurely(CloudBench.ONE, 1, "cursor-a");
    bench.advance(bench.betweenCuts());
    List<SnapshotRef> good = bench.cutSurely(CloudBench.ONE, 2, "cursor-b");
    bench.awaitReady(old);
    assertThat(bench.existing()).contains(good.get(0).id());
  }

  @Test
  void shouldDeleteOneAttemptOfOneMemberAndNothingElse() {
    bench.cutSurely(CloudBench.ONE, 1, "cursor-a");
    List<SnapshotRef> other = bench.cutSurely(CloudBench.TWO, 1, "cursor-b");
    SnapshotProvider provider = bench.provider();
    provider.delete(CloudBench.deletion(provider, CloudBench.ONE, 1));
    assertThat(bench.existing()).containsExactly(other.get(0).id());
    provider.delete(CloudBench.deletion(provider, CloudBench.ONE, 1));
    assertThat(bench.existing()).containsExactly(other.get(0).id());
  }

  @Test
  void shouldDiscardABackupsSnapshotsAgainAndAgain() {
    List<SnapshotRef> ready = bench.awaitReady(bench.cutSurely(CloudBench.ONE, 1, "cursor-a"));
    bench.provider().discard("shop", "shop-1", ready);
    assertThat(bench.existing()).isEmpty();
    bench.provider().discard("shop", "shop-1", ready);
    assertThat(bench.existing()).isEmpty();
  }

  @Test
  void shouldRefuseToDiscardAnotherBackupsSnapshots() {
    List<SnapshotRef> ready = bench.awaitReady(bench.cutSurely(CloudBench.ONE, 1, "cursor-a"));
    assertRefused(
        () -> bench.provider().discard("shop", "shop-2", ready), ErrorCode.SNAPSHOT_FOREIGN);
    assertThat(bench.existing()).hasSize(1);
  }

  @Test
  void shouldFindInTheCloudAloneWhatEachSnapshotIs() {
    List<SnapshotRef> cut = bench.cutSurely(CloudBench.ONE, 3, "cursor-a");
    bench.awaitReady(cut);
    assertThat(bench.provider().list("shop", "shop-1"))
        .extracting(SnapshotRef::id)
        .containsExactly(cut.get(0).id());
    assertThat(bench.provider().list("shop", "shop-2")).isEmpty();
    assertThat(bench.inventory().inventory("other")).isEmpty();
    List<FoundSnapshot> all = bench.inventory().inventory("shop");
    assertThat(all).hasSize(1);
    assertThat(all.get(0).identity().backup()).isEqualTo("shop-1");
    assertThat(all.get(0).identity().attempt()).isEqualTo(3);
    assertThat(all.get(0).identity().member()).isEqualTo(CloudBench.ONE);
    assertThat(all.get(0).identity().point()).isEqualTo(CloudBench.POINT);
    bench.inventory().remove(all.get(0));
    assertThat(bench.existing()).isEmpty();
  }

  @Test
  void shouldCarryAManifestThatCanBeReadBack() {
    List<SnapshotRef> ready = bench.awaitReady(bench.cutSurely(CloudBench.ONE, 1, "cursor-a"));
    assertThat(bench.inventory().inventory("shop").get(0).inscription()).isEmpty();
    Manifest manifest = InventoryActivitiesTest.manifest(ready, 5);
    Inscription inscription = Inscription.of(manifest, manifest.sets().get(0));
    for (int i = 0; i < 2; i++) {
      bench.inventory().inscribe(ready.get(0), inscription);
    }
    FoundSnapshot found = bench.inventory().inventory("shop").get(0);
    assertThat(found.inscription()).contains(inscription);
    assertThat(found.identity().cursorBackupId()).isEqualTo("cursor-a");
  }

  @Test
  void shouldAskTheHostOfAMemberWithoutConfiguredVolumesAndNeverGuess() {
    SnapshotProvider provider = bench.provider();
    VolumePlan plan = provider.resolve(CloudBench.volumes(provider, "stranger:27017"));
    assertThat(plan.askHost()).isTrue();
    assertThat(plan.volumes()).isEmpty();
    assertRefused(
        () ->
            provider.cut(
                CloudBench.cut(provider, "stranger:27017", 1, "cursor-a"), ProgressListener.NONE),
        ErrorCode.VOLUME_UNSUITABLE);
  }

  @Test
  void shouldSayThatASnapshotIsGoneInsteadOfWaitingForever() {
    List<SnapshotRef> cut = bench.cutSurely(CloudBench.ONE, 1, "cursor-a");
    SnapshotProvider provider = bench.provider();
    bench.advance(java.time.Duration.ofHours(1));
    bench.inventory().remove(bench.inventory().inventory("shop").get(0));
    assertRefused(
        () -> {
          for (int i = 0; i < 10; i++) {
            provider.poll(cut);
            bench.advance(provider.pollInterval());
          }
        },
        ErrorCode.SNAPSHOT_FAILED);
  }

  static void assertRefused(ThrowingCallable work, ErrorCode code) {
    assertThatThrownBy(work)
        .isInstanceOfSatisfying(
            StillpointException.class, e -> assertThat(e.code()).isEqualTo(code));
  }
}
