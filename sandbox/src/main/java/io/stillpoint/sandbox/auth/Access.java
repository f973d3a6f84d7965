package io.stillpoint.sandbox.auth;

import io.stillpoint.sandbox.wire.CommandException;
import io.stillpoint.sandbox.wire.Connection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bson.BsonArray;
import org.bson.BsonBinary;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;
import org.bson.BsonValue;

/** Who may do what on one server: logins, and the check before every command. */
public final class Access {
  /** Drivers refuse fewer; members log in often, so no more than that. */
  private static final int MEMBER_ITERATIONS = 4096;

  private final boolean enabled;
  private final Users users;
  private final Optional<User> member;

  /**
   * @param enabled whether commands are checked; users may log in even if not
   */
  public Access(boolean enabled, Users users, Optional<KeyFile> keyFile) {
    this.enabled = enabled;
    this.users = users;
    this.member = keyFile.map(Access::member);
  }

  private static User member(KeyFile keyFile) {
    Map<ScramMechanism, ScramSecret> secrets = new EnumMap<>(ScramMechanism.class);
    for (ScramMechanism mechanism : ScramMechanism.values()) {
      secrets.put(
          mechanism, ScramSecret.of(mechanism, KeyFile.USER, keyFile.key(), MEMBER_ITERATIONS));
    }
    return User.member(secrets);
  }

  /** Whether commands are checked at all. */
  public boolean enabled() {
    return enabled;
  }

  /** Who sends on this connection, as defined now; empty before the login. */
  public Optional<User> user(Connection connection) {
    return Login.of(connection).user().flatMap(this::current);
  }

  /** Who owns what this connection opens; null where nobody is asked who he is. */
  public String owner(Connection connection) {
    return enabled ? Login.of(connection).user().map(User::fullName).orElse(null) : null;
  }

  private Optional<User> current(User atLogin) {
    return atLogin.isMember() ? Optional.of(atLogin) : users.find(atLogin.name(), atLogin.db());
  }

  /** Whether the connection's user may do this; everybody may where nothing is checked. */
  public boolean may(Connection connection, Resource resource, String action) {
    return !enabled || user(connection).filter(u -> u.may(resource, action)).isPresent();
  }

  /**
   * @throws CommandException 13 if the command needs a login, or a privilege that its user lacks
   */
  public void require(Connection connection, String db, BsonDocument command) {
    String name = command.getFirstKey();
    if (!enabled || CommandNeeds.isOpen(name)) {
      return;
    }
    List<Need> needs = CommandNeeds.of(db, command);
    Optional<User> user = user(connection);
    if (user.isEmpty()) {
      if (isFirstSetUp(connection, needs)) {
        return;
      }
      throw new CommandException(
          13, "Unauthorized", "command %s requires authentication".formatted(name));
    }
    boolean ownUser = name.equals("usersInfo") && isAbout(command.get(name), user.get(), db);
    if (!ownUser && !needs.stream().allMatch(n -> user.get().may(n.resource(), n.action()))) {
      throw notAuthorized(db, command);
    }
    BsonDocument session = command.getDocument("lsid", new BsonDocument());
    if (session.containsKey("uid") && !user.get().may(Resource.CLUSTER, "impersonate")) {
      throw new CommandException(
          13, "Unauthorized", "Unauthorized to set user digest in LogicalSessionId");
    }
  }

  public static CommandException notAuthorized(String db, BsonDocument command) {
    String name = command.getFirstKey();
    BsonValue argument = command.get(name);
    String shown = argument.isString() ? '"' + argument.asString().getValue() + '"' : "1";
    return new CommandException(
        13,
        "Unauthorized",
        "not authorized on %s to execute command { %s: %s, $db: \"%s\" }"
            .formatted(db, name, shown, db));
  }

  private static boolean isAbout(BsonValue asked, User user, String db) {
    return asked.isString()
        ? asked.asString().getValue().equals(user.name()) && db.equals(user.db())
        : asked.isDocument() && asked.asDocument().equals(user.toBson());
  }

  /** The exception for the first user: from this machine, while there is none. */
  private boolean isFirstSetUp(Connection connection, List<Need> needs) {
    return !needs.isEmpty()
        && connection.remote().getAddress().isLoopbackAddress()
        && needs.stream().allMatch(FirstSetUp::allows)
        && users.isEmpty();
  }

  // ---- logins

  /** Adds to a hello's reply how the user that it names may log in. */
  public void describe(BsonDocument command, BsonDocument reply) {
    if (!command.isString("saslSupportedMechs")) {
      return;
    }
    String asked = command.getString("saslSupportedMechs").getValue();
    int dot = asked.indexOf('.');
    Optional<User> user =
        dot < 0 ? Optional.empty() : find(asked.substring(dot + 1), asked.substring(0, dot));
    if (user.isPresent()) {
      BsonArray words = new BsonArray();
      user.get().secrets().keySet().forEach(m -> words.add(new BsonString(m.word())));
      reply.append("saslSupportedMechs", words);
    }
  }

  private Optional<User> find(String name, String db) {
    return name.equals(KeyFile.USER) && db.equals(KeyFile.DB) ? member : users.find(name, db);
  }

  public BsonDocument saslStart(Connection connection, String db, BsonDocument command) {
    String word = command.getString("mechanism", new BsonString("")).getValue();
    ScramMechanism mechanism =
        ScramMechanism.named(word)
            .orElseThrow(
                () ->
                    new CommandException(
                        334,
                        "MechanismUnavailable",
                        "Received authentication for mechanism %s which is not enabled"
                            .formatted(word)));
    byte[] payload = payload(command);
    User user = find(ScramConversation.user(payload), db).orElseThrow(Access::authenticationFailed);
    ScramSecret secret = user.secret(mechanism).orElseThrow(Access::authenticationFailed);
    ScramConversation conversation = ScramConversation.start(secret, payload);
    Login.of(connection).begin(user, conversation);
    return conversationReply(false, conversation.firstReply());
  }

  public BsonDocument saslContinue(Connection connection, BsonDocument command) {
    Login login = Login.of(connection);
    ScramConversation conversation = login.conversation();
    if (conversation == null) {
      throw new CommandException(17, "ProtocolError", "No SASL session state found");
    }
    byte[] last = conversation.finalReply(payload(command));
    if (last == null) {
      login.end();
      throw authenticationFailed();
    }
    login.complete();
    return conversationReply(true, last);
  }

  /**
   * Logs in whoever the TLS certificate names.
   *
   * @param subject of the client's certificate, empty if it showed none
   */
  public BsonDocument authenticate(
      Connection connection, BsonDocument command, Optional<String> subject) {
    String mechanism = command.getString("mechanism", new BsonString("")).getValue();
    if (!mechanism.equals("MONGODB-X509")) {
      throw new CommandException(
          2, "BadValue", "Unsupported mechanism specification '%s'".formatted(mechanism));
    }
    String name = subject.orElseThrow(Access::authenticationFailed);
    boolean other = command.isString("user") && !command.getString("user").getValue().equals(name);
    if (other) {
      throw authenticationFailed();
    }
    User user = find(name, User.EXTERNAL).orElseThrow(() -> noSuchUser(name));
    Login.of(connection).complete(user);
    return new BsonDocument("dbname", new BsonString(User.EXTERNAL))
        .append("user", new BsonString(name));
  }

  private static CommandException noSuchUser(String name) {
    return new CommandException(
        11, "UserNotFound", "Could not find user \"%s\" for db \"$external\"".formatted(name));
  }

  public BsonDocument logout(Connection connection) {
    Login.of(connection).end();
    return new BsonDocument();
  }

  public BsonDocument connectionStatus(Connection connection, BsonDocument command) {
    Optional<User> user = user(connection);
    BsonDocument info =
        new BsonDocument(
                "authenticatedUsers", new BsonArray(user.map(User::toBson).stream().toList()))
            .append(
                "authenticatedUserRoles", RoleName.toBson(user.map(User::roles).orElse(List.of())));
    if (BsonBoolean.TRUE.equals(command.get("showPrivileges"))) {
      info.append(
          "authenticatedUserPrivileges",
          Privilege.toBson(user.map(User::privileges).orElse(List.of())));
    }
    return new BsonDocument("authInfo", info);
  }

  private static BsonDocument conversationReply(boolean done, byte[] payload) {
    return new BsonDocument("conversationId", new BsonInt32(1))
        .append("done", BsonBoolean.valueOf(done))
        .append("payload", new BsonBinary(payload));
  }

  private static byte[] payload(BsonDocument command) {
    if (!command.isBinary("payload")) {
      throw new CommandException(2, "BadValue", "payload must be binary");
    }
    return command.getBinary("payload").getData();
  }

  private static CommandException authenticationFailed() {
    return new CommandException(18, "AuthenticationFailed", "Authentication failed.");
  }
}
