package io.stillpoint.sandbox.mongod.command;

import io.stillpoint.sandbox.auth.Privilege;
import io.stillpoint.sandbox.auth.RoleName;
import io.stillpoint.sandbox.auth.ScramMechanism;
import io.stillpoint.sandbox.auth.ScramSecret;
import io.stillpoint.sandbox.auth.User;
import io.stillpoint.sandbox.mongod.Mongod;
import io.stillpoint.sandbox.mongod.Store;
import io.stillpoint.sandbox.mongod.StoredUsers;
import io.stillpoint.sandbox.mongod.catalog.Collection;
import io.stillpoint.sandbox.mongod.query.Documents;
import io.stillpoint.sandbox.wire.CommandException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.bson.BsonArray;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.bson.BsonValue;

/** Users and roles, kept in {@code admin.system.users} and {@code admin.system.roles}. */
final class UserCommands {
  private final Mongod mongod;
  private final NodeAccess access;
  private final Store store;

  UserCommands(Mongod mongod, NodeAccess access) {
    this.mongod = mongod;
    this.access = access;
    this.store = mongod.store();
  }

  void register(Map<String, Command> commands) {
    commands.put("createUser", this::createUser);
    commands.put("updateUser", this::updateUser);
    commands.put("dropUser", r -> remove(r, StoredUsers.USERS, 11, "UserNotFound", "User"));
    commands.put("grantRolesToUser", r -> changeRoles(r, StoredUsers.USERS, true));
    commands.put("revokeRolesFromUser", r -> changeRoles(r, StoredUsers.USERS, false));
    commands.put("usersInfo", this::usersInfo);
    commands.put("createRole", this::createRole);
    commands.put("updateRole", this::updateRole);
    commands.put("dropRole", r -> remove(r, StoredUsers.ROLES, 31, "RoleNotFound", "Role"));
    commands.put("grantPrivilegesToRole", r -> changePrivileges(r, true));
    commands.put("revokePrivilegesFromRole", r -> changePrivileges(r, false));
    commands.put("rolesInfo", this::rolesInfo);
  }

  // ---- users

  private BsonDocument createUser(Request request) throws InterruptedException {
    String name = name(request);
    BsonDocument user =
        new BsonDocument("_id", StoredUsers.id(request.db(), name))
            .append("userId", Store.newUuid())
            .append("user", new BsonString(name))
            .append("db", new BsonString(request.db()))
            .append("credentials", credentials(request, name))
            .append("roles", roles(request));
    insert(request, StoredUsers.USERS, user, 51003, "User \"%s@%s\" already exists");
    return new BsonDocument();
  }

  private BsonDocument updateUser(Request request) throws InterruptedException {
    BsonDocument credentials =
        request.command().containsKey("pwd") ? credentials(request, name(request)) : null;
    BsonArray roles = request.command().isArray("roles") ? roles(request) : null;
    return change(
        request,
        StoredUsers.USERS,
        user -> {
          if (credentials != null) {
            user.put("credentials", credentials);
          }
          if (roles != null) {
            user.put("roles", roles);
          }
          return user;
        });
  }

  private static BsonDocument credentials(Request request, String name) {
    if (request.db().equals(User.EXTERNAL)) {
      return new BsonDocument("external", BsonBoolean.TRUE);
    }
    if (!request.command().isString("pwd")) {
      throw new CommandException(
          9, "FailedToParse", "Must provide a 'pwd' field for all user documents");
    }
    BsonDocument credentials = new BsonDocument();
    BsonValue wanted = request.command().get("mechanisms");
    for (ScramMechanism mechanism : ScramMechanism.values()) {
      BsonString word = new BsonString(mechanism.word());
      if (wanted == null || wanted.isArray() && wanted.asArray().contains(word)) {
        String password = request.command().getString("pwd").getValue();
        credentials.append(mechanism.word(), ScramSecret.of(mechanism, name, password).toBson());
      }
    }
    return credentials;
  }

  private BsonDocument usersInfo(Request request) {
    boolean secrets = BsonBoolean.TRUE.equals(request.command().get("showCredentials"));
    boolean privileges = BsonBoolean.TRUE.equals(request.command().get("showPrivileges"));
    BsonArray users = new BsonArray();
    for (BsonDocument user : matching(request, StoredUsers.USERS, "user")) {
      if (privileges) {
        List<RoleName> roles = RoleName.parseAll(user.getArray("roles"), request.db());
        List<Privilege> all = store.read(() -> StoredUsers.roles(store).privileges(roles));
        user.append(
            "inheritedPrivileges", new BsonArray(all.stream().map(Privilege::toBson).toList()));
      }
      if (!secrets) {
        user.append(
            "mechanisms",
            new BsonArray(
                user.getDocument("credentials").keySet().stream().map(BsonString::new).toList()));
        user.remove("credentials");
      }
      users.add(user);
    }
    return new BsonDocument("users", users);
  }

  // ---- roles

  private BsonDocument createRole(Request request) throws InterruptedException {
    String name = name(request);
    BsonDocument role =
        new BsonDocument("_id", StoredUsers.id(request.db(), name))
            .append("role", new BsonString(name))
            .append("db", new BsonString(request.db()))
            .append("privileges", privileges(request))
            .append("roles", roles(request));
    insert(request, StoredUsers.ROLES, role, 51002, "Role \"%s@%s\" already exists");
    return new BsonDocument();
  }

  private BsonDocument updateRole(Request request) throws InterruptedException {
    return change(
        request,
        StoredUsers.ROLES,
        role -> {
          if (request.command().isArray("privileges")) {
            role.put("privileges", privileges(request));
          }
          if (request.command().isArray("roles")) {
            role.put("roles", roles(request));
          }
          return role;
        });
  }

  private BsonDocument changePrivileges(Request request, boolean grant)
      throws InterruptedException {
    BsonArray named = privileges(request);
    return change(
        request,
        StoredUsers.ROLES,
        role -> {
          role.put("privileges", changed(role.getArray("privileges"), named, grant));
          return role;
        });
  }

  private static BsonArray changed(BsonArray present, BsonArray named, boolean grant) {
    BsonArray result = present.clone();
    for (BsonValue each : named) {
      BsonDocument resource = each.asDocument().getDocument("resource");
      BsonArray actions = each.asDocument().getArray("actions");
      if (grant) {
        result.add(each);
        continue;
      }
      for (BsonValue kept : result) {
        if (kept.asDocument().getDocument("resource").equals(resource)) {
          kept.asDocument().getArray("actions").removeAll(actions);
        }
      }
      result.removeIf(kept -> kept.asDocument().getArray("actions").isEmpty());
    }
    return result;
  }

  private BsonDocument rolesInfo(Request request) {
    boolean privileges = BsonBoolean.TRUE.equals(request.command().get("showPrivileges"));
    BsonArray roles = new BsonArray();
    for (BsonDocument role : matching(request, StoredUsers.ROLES, "role")) {
      role.remove("_id");
      if (!privileges) {
        role.remove("privileges");
      }
      roles.add(role.append("isBuiltin", BsonBoolean.FALSE));
    }
    return new BsonDocument("roles", roles);
  }

  // ---- both

  private BsonDocument changeRoles(Request request, String ns, boolean grant)
      throws InterruptedException {
    BsonArray named = roles(request);
    return change(
        request,
        ns,
        document -> {
          BsonArray roles = document.getArray("roles");
          roles.removeAll(named);
          if (grant) {
            roles.addAll(named);
          }
          return document;
        });
  }

  private List<BsonDocument> matching(Request request, String ns, String field) {
    BsonValue asked = request.argument();
    List<BsonDocument> found = new ArrayList<>();
    store.read(
        () -> {
          Collection collection = store.catalog().get(ns);
          if (collection != null) {
            NodeAccess.views(collection.rows().values()).stream()
                .map(Documents::copy)
                .filter(d -> isAsked(d, asked, field, request.db()))
                .forEach(found::add);
          }
          return null;
        });
    return found;
  }

  private static boolean isAsked(BsonDocument found, BsonValue asked, String field, String db) {
    if (asked.isArray()) {
      return asked.asArray().stream().anyMatch(each -> isAsked(found, each, field, db));
    }
    if (asked.isDocument()) {
      BsonDocument document = asked.asDocument();
      return document.containsKey("forAllDBs")
          || found.get(field).equals(document.get(field))
              && found.get("db").equals(document.get("db"));
    }
    boolean here = found.getString("db").getValue().equals(db);
    return here && (asked.isNumber() || found.get(field).equals(asked));
  }

  private static String name(Request request) {
    if (!request.argument().isString() || request.argument().asString().getValue().isEmpty()) {
      throw new CommandException(2, "BadValue", "User and role names must be non-empty strings");
    }
    return request.argument().asString().getValue();
  }

  private BsonArray roles(Request request) {
    List<RoleName> names =
        RoleName.parseAll(request.command().getArray("roles", new BsonArray()), request.db());
    for (RoleName name : names) {
      if (!store.read(() -> StoredUsers.roles(store).exists(name))) {
        throw new CommandException(
            31, "RoleNotFound", "Could not find role: %s@%s".formatted(name.role(), name.db()));
      }
    }
    return RoleName.toBson(names);
  }

  private static BsonArray privileges(Request request) {
    return new BsonArray(
        Privilege.parseAll(request.command().getArray("privileges", new BsonArray())).stream()
            .map(Privilege::toBson)
            .toList());
  }

  private void insert(Request request, String ns, BsonDocument document, int exists, String message)
      throws InterruptedException {
    store.write(
        () -> {
          access.requireWritable(ns);
          Collection collection = mongod.writer().collection(ns);
          if (collection.recordOf(document.get("_id")) != null) {
            throw new CommandException(
                exists, "Location" + exists, message.formatted(name(request), request.db()));
          }
          mongod.writer().insert(collection, document, DataWriter.Origin.NONE);
        });
    awaitMajority();
  }

  private BsonDocument change(Request request, String ns, UnaryOperator<BsonDocument> change)
      throws InterruptedException {
    store.write(
        () -> {
          access.requireWritable(ns);
          Collection collection = mongod.writer().collection(ns);
          Long record = collection.recordOf(StoredUsers.id(request.db(), name(request)));
          if (record == null) {
            throw notFound(request, ns);
          }
          BsonDocument before = Documents.copy(collection.document(record));
          BsonDocument after = change.apply(Documents.copy(collection.document(record)));
          mongod.writer().update(collection, record, before, after, true, DataWriter.Origin.NONE);
        });
    awaitMajority();
    return new BsonDocument();
  }

  private static CommandException notFound(Request request, String ns) {
    boolean user = ns.equals(StoredUsers.USERS);
    return new CommandException(
        user ? 11 : 31,
        user ? "UserNotFound" : "RoleNotFound",
        "Could not find %s %s@%s".formatted(user ? "user" : "role", name(request), request.db()));
  }

  private BsonDocument remove(Request request, String ns, int code, String codeName, String what)
      throws InterruptedException {
    store.write(
        () -> {
          access.requireWritable(ns);
          Collection collection = mongod.writer().collection(ns);
          Long record = collection.recordOf(StoredUsers.id(request.db(), name(request)));
          if (record == null) {
            throw new CommandException(
                code,
                codeName,
                "%s '%s@%s' not found".formatted(what, name(request), request.db()));
          }
          mongod.writer().delete(collection, record, DataWriter.Origin.NONE);
        });
    awaitMajority();
    return new BsonDocument();
  }

  private void awaitMajority() throws InterruptedException {
    access.writeConcerns().await(new BsonDocument("w", new BsonString("majority")));
  }
}
