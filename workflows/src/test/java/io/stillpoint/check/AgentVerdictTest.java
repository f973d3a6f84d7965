package io.stillpoint.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillpoint.activity.NodeActivities.NodeReport;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.model.MemberState;
import io.stillpoint.model.SeenCatalog;
import java.util.List;
import java.util.Optional;
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

  /** The agent could neither stop it for a restore nor tell that it is stopped. */
  @Test
  void shouldRefuseAnAgentThatDoesNotSeeTheServerThatRuns() {
    CheckItem item = AgentVerdict.of(MEMBER, report("4.4.6-8", false, List.of()), Optional.empty());

    assertThat(item.code()).isEqualTo(ErrorCode.AGENT_REFUSED.name());
    assertThat(item.message())
        .isEqualTo(
            "the member is PRIMARY, but its agent on host1 sees no server that works on /data");
    assertThat(item.hint()).startsWith("correct data-path");
  }

  @Test
  void shouldRefuseAnAgentThatWouldStartTheServerOtherwise() {
    CheckItem item =
        AgentVerdict.of(
            MEMBER,
            report("4.4.6-8", true, List.of("its port is 1, the agent's ... says 2")),
            Optional.empty());

    assertThat(item.code()).isEqualTo(ErrorCode.AGENT_REFUSED.name());
    assertThat(item.message()).contains("otherwise than the agent would", "its port is 1");
    assertThat(item.hint()).contains("arguments, config-file or log-path");
  }

  @Test
  void shouldRefuseAnAgentThatHasAnotherCatalogThanTheControlWorkers() {
    SeenCatalog control = new SeenCatalog("/backup/catalog", "id-1", "");

    assertThat(agentWith(new SeenCatalog("/mnt/catalog", "id-1", ""), control).ok()).isTrue();
    for (String identity : new String[] {"", "id-2"}) {
      CheckItem item = agentWith(new SeenCatalog("/tmp/catalog", identity, ""), control);

      assertThat(item.code()).isEqualTo(ErrorCode.CONFIGURATION_INVALID.name());
      assertThat(item.message())
          .isEqualTo(
              "the agent's catalog, /tmp/catalog, is not that of the control workers, /backup/catalog");
      assertThat(item.hint()).contains("stillpoint.catalog");
    }
    assertThat(agentWith(new SeenCatalog("", "", "no permission"), control).message())
        .isEqualTo("the agent cannot read its catalog: no permission");
  }

  /** Neither side knows what an older one does not say. */
  @Test
  void shouldNotMissACatalogThatNobodyTold() {
    SeenCatalog some = new SeenCatalog("/backup/catalog", "id-1", "");
    NodeReport report = report("4.4.6-8", true, List.of());

    assertThat(AgentVerdict.of(MEMBER, report, Optional.of(some)).ok()).isTrue();
    assertThat(AgentVerdict.of(MEMBER, report.with(some), Optional.empty()).ok()).isTrue();
  }

  private static CheckItem agentWith(SeenCatalog own, SeenCatalog control) {
    NodeReport report = report("4.4.6-8", true, List.of());
    return AgentVerdict.of(MEMBER, report.with(own), Optional.of(control));
  }

  private static final MemberState MEMBER =
      new MemberState(ADDRESS, "PRIMARY", false, 1, false, 0, 0, "4.4.6-8", "/data", true);

  private static NodeReport report(String program, boolean running, List<String> differences) {
    return new NodeReport(
        ADDRESS,
        "host1",
        "/data",
        program,
        running,
        MB,
        MB,
        "",
        "{}",
        List.of(),
        List.of(),
        differences,
        Optional.empty());
  }

  private static CheckItem verdict(String program, long free, long data, String unfinished) {
    return AgentVerdict.of(
        MEMBER,
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
            List.of(),
            List.of(),
            Optional.empty()),
        Optional.empty());
  }
}
