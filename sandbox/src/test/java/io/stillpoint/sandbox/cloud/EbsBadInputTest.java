package io.stillpoint.sandbox.cloud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stillpoint.cloud.VolumeMap;
import io.stillpoint.cloud.VolumePlacement;
import io.stillpoint.cloud.aws.EbsSettings;
import io.stillpoint.cloud.aws.Ec2Access;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.SnapshotRef;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;

/** What bad input gets: one code each, found in the plan, nothing left behind. */
class EbsBadInputTest {

  @TempDir Path directory;

  private static Arguments row(
      String what, Consumer<EbsBench> spoil, Consumer<EbsBench> plan, ErrorCode code, String says) {
    return Arguments.of(what, spoil, plan, code, says);
  }

  static Stream<Arguments> table() {
    Consumer<EbsBench> backup =
        bench -> bench.provider().resolve(CloudBench.volumes(bench.provider(), CloudBench.ONE));
    Consumer<EbsBench> restore =
        bench -> {
          CloudBench.Target target = bench.target();
          bench.restorer().requireAllowed(target.instance(), target.zone(), "vol-2");
        };
    return Stream.of(
        row(
            "no such key",
            bench -> refuse(bench, "DescribeVolumes", "AuthFailure", 401),
            backup,
            ErrorCode.PROVIDER_DENIED,
            "HTTP 401"),
        row(
            "expired key",
            bench -> refuse(bench, "DescribeVolumes", "RequestExpired", 400),
            backup,
            ErrorCode.PROVIDER_DENIED,
            "RequestExpired"),
        row(
            "may not cut",
            bench -> bench.cloud.deny("ec2:CreateSnapshot"),
            backup,
            ErrorCode.PROVIDER_DENIED,
            "ec2:CreateSnapshot"),
        row(
            "may not tag",
            bench -> bench.cloud.deny("ec2:CreateTags"),
            backup,
            ErrorCode.PROVIDER_DENIED,
            "ec2:CreateTags"),
        row(
            "may not look",
            bench -> bench.cloud.deny("ec2:DescribeVolumes"),
            backup,
            ErrorCode.PROVIDER_DENIED,
            "ec2:DescribeVolumes"),
        row(
            "no such volume",
            bench -> bench.cloud.removeVolume("vol-1"),
            backup,
            ErrorCode.VOLUME_UNSUITABLE,
            "vol-1"),
        row(
            "volume of another instance",
            bench -> bench.cloud.addVolume("vol-1", "i-3", "/dev/sdk", 100),
            backup,
            ErrorCode.VOLUME_UNSUITABLE,
            "attached to [i-3], not to i-1"),
        row(
            "may not create volumes",
            bench -> bench.cloud.deny("ec2:CreateVolume"),
            restore,
            ErrorCode.PROVIDER_DENIED,
            "ec2:CreateVolume"),
        row(
            "may not attach",
            bench -> bench.cloud.deny("ec2:AttachVolume"),
            restore,
            ErrorCode.PROVIDER_DENIED,
            "ec2:AttachVolume"),
        row(
            "may not detach",
            bench -> bench.cloud.deny("ec2:DetachVolume"),
            restore,
            ErrorCode.PROVIDER_DENIED,
            "ec2:DetachVolume"),
        row(
            "instance in another zone",
            bench -> {},
            bench -> bench.attached().on("i-2", "eu-1a"),
            ErrorCode.VOLUME_UNSUITABLE,
            "in zone eu-1b, not in eu-1a"),
        row(
            "no such instance",
            bench -> {},
            bench -> bench.attached().on("i-99", "eu-1a"),
            ErrorCode.VOLUME_UNSUITABLE,
            "i-99"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("table")
  void shouldBeFoundInThePlan(
      String what, Consumer<EbsBench> spoil, Consumer<EbsBench> plan, ErrorCode code, String says) {
    try (EbsBench bench = new EbsBench(directory, CloudTiming.ORDINARY)) {
      spoil.accept(bench);
      int volumes = bench.allVolumes().size();
      assertRefused(() -> plan.accept(bench), code, says);
      assertThat(bench.existing()).isEmpty();
      assertThat(bench.allVolumes()).hasSize(volumes);
    }
  }

  @Test
  void shouldRefuseWhatCannotBeRestoredFromBeforeAnythingIsMade() {
    try (EbsBench bench = new EbsBench(directory, CloudTiming.ORDINARY)) {
      List<SnapshotRef> cut = bench.cutSurely(CloudBench.ONE, 1, "cursor-a");
      bench.advance(java.time.Duration.ofSeconds(5));
      assertRefused(
          () -> bench.inventory().requireRestorable("shop-1", cut.get(0)),
          ErrorCode.SNAPSHOT_INCOMPLETE,
          "not stored yet");
      SnapshotRef ready = bench.awaitReady(cut).get(0);
      bench.inventory().requireRestorable("shop-1", ready);
      assertRefused(
          () -> bench.inventory().requireRestorable("shop-2", ready),
          ErrorCode.SNAPSHOT_FOREIGN,
          "shop-1");
      bench.cloud.archive(ready.id());
      assertRefused(
          () -> bench.inventory().requireRestorable("shop-1", ready),
          ErrorCode.SNAPSHOT_UNREACHABLE,
          "archive tier");
      bench.inventory().remove(bench.inventory().inventory("shop").get(0));
      assertRefused(
          () -> bench.inventory().requireRestorable("shop-1", ready),
          ErrorCode.SNAPSHOT_UNREACHABLE,
          "not in this region");
    }
  }

  @Test
  void shouldReportAQuotaThatOnlyTheCutMeetsAndLeaveNothing() {
    try (EbsBench bench = new EbsBench(directory, CloudTiming.ORDINARY)) {
      refuse(bench, "CreateSnapshot", "SnapshotLimitExceeded", 400);
      assertRefused(
          () -> bench.cutSurely(CloudBench.ONE, 1, "cursor-a"),
          ErrorCode.VOLUME_UNSUITABLE,
          "SnapshotLimitExceeded");
      assertThat(bench.existing()).isEmpty();
    }
  }

  @Test
  void shouldRefuseAVolumeOfTwoMembersAndAnUnknownRegionAtTheStart() {
    assertRefused(
        () ->
            new VolumeMap(
                List.of(
                    new VolumePlacement("a:1", "data", "i-1", "vol-1", ""),
                    new VolumePlacement("b:1", "data", "i-1", "vol-1", ""))),
        ErrorCode.CONFIGURATION_INVALID,
        "vol-1");
    assertRefused(
        () ->
            Ec2Access.open(
                EbsSettings.of("eu-atlantis-1", Optional.empty(), List.of()),
                AnonymousCredentialsProvider.create()),
        ErrorCode.CONFIGURATION_INVALID,
        "eu-atlantis-1");
  }

  private static void refuse(EbsBench bench, String call, String code, int status) {
    for (int i = 0; i < 5; i++) {
      // The SDK tries some refusals again by itself.
      bench.cloud.faults().add(call, Fault.refused(code, status));
    }
  }

  private static void assertRefused(Runnable work, ErrorCode code, String says) {
    assertThatThrownBy(work::run)
        .isInstanceOfSatisfying(
            StillpointException.class,
            e -> {
              assertThat(e.code()).isEqualTo(code);
              assertThat(e.text()).contains(says);
              assertThat(e.hint()).isNotEmpty();
            });
  }
}
