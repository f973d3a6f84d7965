package io.stillpoint.mongo;

import io.stillpoint.check.CheckItem;
import io.stillpoint.check.Grant;
import io.stillpoint.check.LeastPrivileges;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.model.ReplicaSetRole;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.bson.BsonDocument;

/** Examines one server: what the user may do there, its clock, and whose cursor is open. */
final class ServerCheck {

  /** More than that, and what the servers say of each other's lag means little. */
  private static final Duration MAX_SKEW = Duration.ofSeconds(10);

  private final Clock clock;

  ServerCheck(Clock clock) {
    this.clock = clock;
  }

  /** A member that answers and holds data. */
  List<CheckItem> member(ServerConnection server, String set, ReplicaSetRole role) {
    List<Grant> needed = new ArrayList<>(LeastPrivileges.onMember());
    if (role.isConfigServer()) {
      needed.addAll(LeastPrivileges.onConfigServer());
    }
    return List.of(privileges(server, needed), clock(server), cursor(server, set));
  }

  List<CheckItem> router(ServerConnection server) {
    return List.of(privileges(server, LeastPrivileges.onRouter()));
  }

  /** Whatever kind of server it is. */
  CheckItem privileges(ServerConnection server, List<Grant> needed) {
    String what = "privileges";
    try {
      GrantedPrivileges granted = GrantedPrivileges.read(server);
      if (!granted.loggedIn()) {
        return CheckItem.ok(what, server.address(), "the server asks for no login");
      }
      List<String> missing = granted.missing(needed);
      return missing.isEmpty()
          ? CheckItem.ok(what, server.address(), "the user may do all that is needed")
          : CheckItem.notOk(
              what,
              server.address(),
              ErrorCode.MONGO_NOT_AUTHORIZED,
              "the user lacks " + String.join(", ", missing),
              "give him the role that this prints, on every set: stillpoint role");
    } catch (StillpointException e) {
      return CheckItem.notOk(what, server.address(), e);
    }
  }

  private CheckItem clock(ServerConnection server) {
    String what = "clock";
    try {
      long before = clock.millis();
      BsonDocument hello = server.hello();
      long after = clock.millis();
      long told = hello.getDateTime("localTime").getValue();
      long skew = told < before ? before - told : Math.max(0, told - after);
      return skew <= MAX_SKEW.toMillis()
          ? CheckItem.ok(what, server.address(), "agrees with this worker's")
          : CheckItem.notOk(
              what,
              server.address(),
              ErrorCode.CLOCK_SKEWED,
              "the server's clock is %d s away from this worker's, the limit is %d s"
                  .formatted(skew / 1000, MAX_SKEW.toSeconds()),
              "let NTP set the clocks of all hosts");
    } catch (StillpointException e) {
      return CheckItem.notOk(what, server.address(), e);
    }
  }

  /** No cursor is opened to find out; the server says whether one is. */
  private static CheckItem cursor(ServerConnection server, String set) {
    String what = "cursor";
    try {
      if (!BackupCursors.isAnyOpen(server)) {
        return CheckItem.ok(what, server.address(), "no backup cursor is open");
      }
      List<IdleBackupCursor> open = IdleBackupCursor.list(server);
      boolean ours = open.stream().anyMatch(c -> c.owner().isPresent());
      if (ours) {
        CursorOwner owner = open.get(0).owner().orElseThrow();
        return CheckItem.notOk(
            what,
            server.address(),
            ErrorCode.CURSOR_BUSY,
            "backup '%s' of cluster '%s' holds the backup cursor of set '%s', last used %d s ago"
                .formatted(owner.operation(), owner.cluster(), set, open.get(0).idle().toSeconds()),
            "look whether it runs: stillpoint describe-backup %s; the next backup closes it if not"
                .formatted(owner.operation()));
      }
      return CheckItem.notOk(what, server.address(), CursorErrors.busy(server.address(), open));
    } catch (StillpointException e) {
      return CheckItem.notOk(what, server.address(), e);
    }
  }
}
