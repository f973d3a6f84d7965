package io.stillpoint.sandbox.auth;

import io.stillpoint.sandbox.wire.Connection;
import java.util.Optional;

/** Who has logged in on one connection, and the login that is under way. */
public final class Login {
  private volatile User user;
  private ScramConversation conversation;
  private User claimed;

  private Login() {}

  /** The connection's, made on first use. */
  static Login of(Connection connection) {
    if (connection.attachment() instanceof Login login) {
      return login;
    }
    Login login = new Login();
    connection.attach(login);
    return login;
  }

  /** As defined when the connection logged in. */
  Optional<User> user() {
    return Optional.ofNullable(user);
  }

  void begin(User whoClaims, ScramConversation begun) {
    claimed = whoClaims;
    conversation = begun;
  }

  ScramConversation conversation() {
    return conversation;
  }

  void complete() {
    user = claimed;
    forget();
  }

  void complete(User known) {
    user = known;
    forget();
  }

  void end() {
    user = null;
    forget();
  }

  private void forget() {
    claimed = null;
    conversation = null;
  }
}
