package io.stillpoint.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillpoint.activity.NodeActivities.NodeReport;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.model.MemberState;
import java.util.List;
import org.junit.jupiter.api.Test;

class AgentVerdictTest {

  private static final String ADDRESS = "db1:27017";
  private static final long MB = 1_000_000;

  @Test
  void shouldAcceptAHostWithRoomForTheDataOnceMore() {
    CheckItem item = verdict("4.4.6-8", 70 * MB, 70 * MB, "");

    assertThat(item.ok()).isTrue();
    assertThat(item.message()).isEqualTo("on host1, 70 MB of data, 70 MB free");
  }

  @Test
  void shouldRefuseAHostWhoseDiskWouldBeFullInTheMiddleOfARestore() {
    CheckItem item = verdict("4.4.6-8", 70 * MB - 1, 70 * MB, "");

    assertThat(item.code()).isEqualTo(ErrorCode.DISK_FULL.name());
    assertThat(item.subject()).isEqualTo(ADDRESS);
    assertThat(item.message())
        .isEqualTo(
            "69 MB are free under /data, but a restore keeps the 70 MB of old data beside the new");
  }

  @Test
  void shouldRefuseAnotherProgramThanTheOneThatRuns() {
    CheckItem item = verdict("5.0.14-12", 200 * MB, 70 * MB, "");

    assertThat(item.code()).isEqualTo(ErrorCode.VERSION_MISMATCH.name());
    assertThat(item.message()).contains("4.4.6-8", "5.0.14-12");
  }

  @Test
  void shouldNameARestoreThatWasLeftInTheMiddle() {
    CheckItem item = verdict("4.4.6-8", 200 * MB, 70 * MB, "shop-restore");

    assertThat(item.code()).isEqualTo(ErrorCode.AGENT_REFUSED.name());
    assertThat(item.hint()).isEqualTo("stillpoint describe-restore shop-restore");
  }

  private static CheckItem verdict(String program, long free, long data, String unfinished) {
    return AgentVerdict.of(
        new MemberState(ADDRESS, "PRIMARY", false, 1, false, 0, 0, "4.4.6-8", "/data", true),
        new NodeReport(
            ADDRESS,
            "host1",
            "/data",
            program,
            true,
            free,
            data,
            unfinished,
            "{}",
            List.of(),
            List.of()));
  }
}
