package io.stillpoint.sandbox.mongod.command;

import io.stillpoint.sandbox.auth.Access;
import java.util.Map;

/** Logging in and out. */
final class LoginCommands {
  private final Access access;

  LoginCommands(Access access) {
    this.access = access;
  }

  /** Also adds to the replies of hello how its user may log in, so it comes after them. */
  void register(Map<String, Command> commands) {
    commands.put("saslStart", r -> access.saslStart(r.connection(), r.db(), r.command()));
    commands.put("saslContinue", r -> access.saslContinue(r.connection(), r.command()));
    commands.put(
        "authenticate",
        r -> access.authenticate(r.connection(), r.command(), r.connection().certificateSubject()));
    commands.put("logout", r -> access.logout(r.connection()));
    commands.put("connectionStatus", r -> access.connectionStatus(r.connection(), r.command()));
    for (String name : new String[] {"hello", "isMaster", "ismaster"}) {
      Command hello = commands.get(name);
      commands.put(
          name,
          r -> {
            var reply = hello.run(r);
            access.describe(r.command(), reply);
            return reply;
          });
    }
  }
}
