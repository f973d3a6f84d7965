package io.stillpoint.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.ClusterTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StartProofTest {

  private static final Instant RECOVERED = Instant.parse("2026-11-22T10:00:00Z");
  private static final ClusterTime POINT = new ClusterTime(1763800000L, 7);

  @TempDir private Path temp;
  private Path log;

  @BeforeEach
  void make() {
    log = temp.resolve("mongod.log");
  }

  @Test
  void shouldAcceptAFirstStartThatTruncatedAtThePoint() throws IOException {
    write(log, started("09:59:00"), truncated("09:59:01", 5, 5), started("10:00:01"));
    append(truncated("10:00:02", POINT.seconds(), POINT.increment()));
    append("not json", "{\"t\":{\"$date\":\"2026-11-22T10:00:0");

    prove();
  }

  @Test
  void shouldAcceptALaterRestartThatHadNothingToTruncate() throws IOException {
    write(log, restarted("10:00:01"), started("10:00:01"));
    append(truncated("10:00:02", POINT.seconds(), POINT.increment()));
    append(restarted("10:05:00"), started("10:05:00"), truncated("10:05:01", 1763809999L, 1));

    prove();
  }

  @Test
  void shouldReadARotatedLog() throws IOException {
    write(temp.resolve("mongod.log.2026-11-22T10-05-00"), started("10:00:01"));
    Files.writeString(
        temp.resolve("mongod.log.2026-11-22T10-05-00"),
        truncated("10:00:02", POINT.seconds(), POINT.increment()) + "\n",
        StandardOpenOption.APPEND);
    write(log, started("10:05:00"));

    prove();
  }

  @Test
  void shouldTellEarlierStartsByTheLogWhereTheClockWasSetBack() throws IOException {
    write(log, started("11:00:00"), truncated("11:00:01", 5, 5));
    write(temp.resolve("mongod.log.2026-11-22T11-30-00"), truncated("11:00:01", 5, 5));
    MongodLog server = new MongodLog(log);
    LogMark recovered = server.mark();
    assertThatThrownBy(
            () -> StartProof.require(server, "m", Optional.empty(), recovered, List.of(POINT)))
        .hasMessageContaining("shows no start");

    append(started("10:00:01"), truncated("10:00:02", POINT.seconds(), POINT.increment()));

    StartProof.require(server, "m", Optional.empty(), recovered, List.of(POINT));
    Files.move(log, temp.resolve("mongod.log.2026-11-22T10-05-00"));
    write(log, started("10:05:00"));
    StartProof.require(server, "m", Optional.empty(), recovered, List.of(POINT));
    Files.delete(temp.resolve("mongod.log.2026-11-22T10-05-00"));
    assertThatThrownBy(
            () -> StartProof.require(server, "m", Optional.empty(), recovered, List.of(POINT)))
        .hasMessageContaining("truncated its oplog after []");
  }

  /** The data may be at its point, and only the log that shows it be another. */
  @Test
  void shouldSayWhereTheServerLogsWhenTheAgentLooksElsewhere() throws IOException {
    LogMark recovered = new MongodLog(log).mark();
    Path actual = temp.resolve("actual.log");

    assertThatThrownBy(
            () ->
                StartProof.require(
                    new MongodLog(log), "m", Optional.of(actual), recovered, List.of(POINT)))
        .hasMessageContaining("there is no log " + log)
        .isInstanceOfSatisfying(
            StillpointException.class,
            e ->
                assertThat(e.hint())
                    .startsWith("the server logs to " + actual)
                    .contains("correct log-path, arguments or config-file")
                    .contains("the backup may be good"));
  }

  @Test
  void shouldReadALogThatDidNotExistOrWasCutShort() throws IOException {
    LogMark none = new MongodLog(log).mark();
    write(log, started("10:00:01"), truncated("10:00:02", POINT.seconds(), POINT.increment()));
    StartProof.require(new MongodLog(log), "m", Optional.empty(), none, List.of(POINT));

    append("x".repeat(1000));
    LogMark longer = new MongodLog(log).mark();
    write(log, started("10:00:01"), truncated("10:00:02", POINT.seconds(), POINT.increment()));
    StartProof.require(new MongodLog(log), "m", Optional.empty(), longer, List.of(POINT));
  }

  @Test
  void shouldRefuseEveryOtherStart() throws IOException {
    refuses("no log at all");
    write(log, started("09:59:00"), truncated("09:59:01", POINT.seconds(), POINT.increment()));
    refuses("truncated before the recovery only");
    write(log, started("10:00:01"));
    refuses("nothing truncated");
    write(log, started("10:00:01"), truncated("10:00:02", POINT.seconds(), 8));
    refuses("another point");
    write(
        log,
        started("10:00:01"),
        line("10:00:02", 21556, "{\"truncatePoint\":1}"),
        truncated("10:00:02", POINT.seconds(), POINT.increment()));
    refuses("clamped");
    write(
        log,
        started("10:00:01"),
        truncated("10:00:02", POINT.seconds(), POINT.increment()),
        restarted("10:05:00"),
        line("10:05:01", 5844600, "{}"));
    refuses("backup metadata deleted later");
  }

  @Test
  void shouldReadTimestampsInEveryShape() throws IOException {
    write(
        log,
        line("10:00:01", 23987, "{\"recoveryTimestamp\":{\"$timestamp\":{\"t\":5,\"i\":6}}}"),
        line("10:00:02", 23987, "{\"recoveryTimestamp\":{\"t\":5,\"i\":6}}"),
        line("10:00:03", 23987, "{\"recoveryTimestamp\":\"Timestamp(5, 6)\"}"));

    assertThat(new MongodLog(log).since(Instant.EPOCH))
        .extracting(l -> l.timestamp("recoveryTimestamp").orElseThrow())
        .containsOnly(new ClusterTime(5, 6))
        .hasSize(3);
  }

  @Test
  void shouldLookOnlyAtWhatWasWrittenSince() throws IOException {
    MongodLog server = new MongodLog(log);
    assertThat(server.saysBeyond(server.length(), 23834)).isFalse();
    write(log, line("10:00:01", 23834, "{}"));
    long length = server.length();
    assertThat(server.saysBeyond(0, 23834)).isTrue();
    assertThat(server.saysBeyond(length, 23834)).isFalse();
    append(line("10:00:02", 238345, "{}"));
    assertThat(server.saysBeyond(length, 23834)).isFalse();
    append(line("10:00:03", 23834, "{}"));
    assertThat(server.saysBeyond(length, 23834)).isTrue();
    // A server without logAppend begins a new file.
    write(log, line("10:00:04", 23834, "{}"));
    assertThat(server.saysBeyond(length + 1000, 23834)).isTrue();
  }

  @Test
  void shouldAcceptNoTruncationAfterTheOplogWasReplayedBefore() throws IOException {
    write(log, started("10:00:01"), line("10:00:02", 23015, "{}"));
    assertThatCode(
            () ->
                StartProof.require(new MongodLog(log), "m", Optional.empty(), RECOVERED, List.of()))
        .doesNotThrowAnyException();

    write(log, started("10:00:01"), truncated("10:00:02", 200, 7));
    assertThatThrownBy(
            () ->
                StartProof.require(new MongodLog(log), "m", Optional.empty(), RECOVERED, List.of()))
        .hasMessageContaining("it should have after []");
  }

  private void prove() {
    assertThatCode(
            () ->
                StartProof.require(
                    new MongodLog(log), "m", Optional.empty(), RECOVERED, List.of(POINT)))
        .doesNotThrowAnyException();
  }

  private void refuses(String why) {
    assertThatThrownBy(
            () ->
                StartProof.require(
                    new MongodLog(log), "m", Optional.empty(), RECOVERED, List.of(POINT)))
        .as(why)
        .isInstanceOfSatisfying(
            StillpointException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.POINT_NOT_PROVEN));
  }

  private static String restarted(String time) {
    return line(time, 20698, "{}");
  }

  private static String started(String time) {
    return line(time, 4615611, "{\"pid\":1}");
  }

  private static String truncated(String time, long seconds, long increment) {
    return line(
        time,
        21557,
        "{\"oplogTruncateAfterPoint\":{\"\":{\"$timestamp\":{\"t\":%d,\"i\":%d}}}}"
            .formatted(seconds, increment));
  }

  private static String line(String time, int id, String attributes) {
    return "{\"t\":{\"$date\":\"2026-11-22T%s.123+00:00\"},\"s\":\"I\",\"c\":\"REPL\",\"id\":%d,\"attr\":%s}"
        .formatted(time, id, attributes);
  }

  private void append(String... lines) throws IOException {
    Files.writeString(log, String.join("\n", lines) + "\n", StandardOpenOption.APPEND);
  }

  private static void write(Path file, String... lines) throws IOException {
    Files.writeString(file, String.join("\n", lines) + "\n");
  }
}
