package io.stillpoint.sandbox.cluster;

import io.stillpoint.check.Grant;
import io.stillpoint.check.LeastPrivileges;
import io.stillpoint.sandbox.auth.KeyFile;
import io.stillpoint.sandbox.auth.ScramLogin;
import io.stillpoint.sandbox.auth.User;
import io.stillpoint.sandbox.wire.CommandException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import org.bson.BsonArray;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonString;

/**
 * The key and the users of a cluster with authentication: an administrator for tests and
 * applications, and a user with Stillpoint's role and nothing else.
 */
public final class ClusterUsers {
  public static final String ADMINISTRATOR = "admin";
  public static final String STILLPOINT = "stillpoint";

  private static final int ALREADY_EXISTS_USER = 51003;
  private static final int ALREADY_EXISTS_ROLE = 51002;

  private final Path keyFile;
  private final String password;

  private ClusterUsers(Path keyFile, String password) {
    this.keyFile = keyFile;
    this.password = password;
  }

  /** With a new key, in a file that only this user can read. */
  static ClusterUsers create(Path directory, String password) {
    Path keyFile = directory.resolve("keyfile");
    try {
      Files.createDirectories(directory);
      Files.deleteIfExists(keyFile);
      Files.createFile(
          keyFile,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(keyFile, random(48));
    } catch (IOException e) {
      throw new ClusterException("cannot write " + keyFile, e);
    }
    return new ClusterUsers(keyFile, password);
  }

  static String random(int bytes) {
    byte[] random = new byte[bytes];
    new SecureRandom().nextBytes(random);
    return HexFormat.of().formatHex(random);
  }

  /** The password of both users. */
  public String password() {
    return password;
  }

  List<String> flags() {
    return List.of("--keyFile", keyFile.toString());
  }

  /** By which one is taken for a member of the cluster. */
  KeyFile key() {
    try {
      return KeyFile.read(keyFile);
    } catch (IOException e) {
      throw new ClusterException("cannot read " + keyFile, e);
    }
  }

  ScramLogin administrator() {
    return new ScramLogin(ADMINISTRATOR, "admin", password);
  }

  /** A connection string. */
  String uri(String user, String hosts, String options) {
    return "mongodb://%s:%s@%s/?authSource=admin%s".formatted(user, password, hosts, options);
  }

  /** Makes role and users on a set; to be called for every set, for each has its own. */
  void createOn(LocalServer primary) {
    create(primary, "admin", roleCommand(), ALREADY_EXISTS_ROLE);
    create(primary, "admin", userCommand(ADMINISTRATOR, "root"), ALREADY_EXISTS_USER);
    create(primary, "admin", userCommand(STILLPOINT, LeastPrivileges.ROLE), ALREADY_EXISTS_USER);
  }

  /** Stillpoint's user once more, known by a certificate. */
  void createByCertificate(LocalServer primary, String subject) {
    BsonDocument command = userCommand(subject, LeastPrivileges.ROLE);
    command.remove("pwd");
    create(primary, User.EXTERNAL, command, ALREADY_EXISTS_USER);
  }

  private static void create(LocalServer primary, String db, BsonDocument command, int exists) {
    try {
      primary.run(db, command);
    } catch (CommandException e) {
      if (e.code() != exists) {
        throw e;
      }
    }
  }

  private BsonDocument userCommand(String name, String role) {
    BsonDocument granted =
        new BsonDocument("role", new BsonString(role)).append("db", new BsonString("admin"));
    return new BsonDocument("createUser", new BsonString(name))
        .append("pwd", new BsonString(password))
        .append("roles", new BsonArray(List.of(granted)));
  }

  /** The command that makes {@link LeastPrivileges} a role. */
  public static BsonDocument roleCommand() {
    return new BsonDocument("createRole", new BsonString(LeastPrivileges.ROLE))
        .append(
            "privileges",
            new BsonArray(LeastPrivileges.role().stream().map(ClusterUsers::privilege).toList()))
        .append("roles", new BsonArray());
  }

  /** A grant as MongoDB's commands write it. */
  public static BsonDocument privilege(Grant grant) {
    BsonDocument resource =
        grant.onCluster()
            ? new BsonDocument("cluster", BsonBoolean.TRUE)
            : new BsonDocument("db", new BsonString(grant.database()))
                .append("collection", new BsonString(grant.collection()));
    return new BsonDocument("resource", resource)
        .append("actions", new BsonArray(grant.actions().stream().map(BsonString::new).toList()));
  }
}
