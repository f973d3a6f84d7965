package io.stillpoint.cli;

import io.stillpoint.check.Grant;
import io.stillpoint.check.LeastPrivileges;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Prints the role that Stillpoint's database user needs. */
@Command(
    name = "role",
    description = {
      "Print the commands that make Stillpoint's database role and user.",
      "",
      "Run them in mongosh on the primary of every replica set of the cluster, shards and config"
          + " server: direct connections to a shard use that shard's own users."
    },
    footerHeading = "%nEXAMPLES%n",
    footer = "  stillpoint role > stillpoint-role.js")
final class RoleCommand implements Callable<Integer> {
  private final StillpointCommand root;

  @Option(names = "--user", description = "Name of the user (default: stillpoint).")
  private String user = LeastPrivileges.ROLE;

  RoleCommand(StillpointCommand root) {
    this.root = root;
  }

  @Override
  public Integer call() {
    root.printer().data(document(), script(user));
    return 0;
  }

  private static Map<String, Object> document() {
    Map<String, Object> role = new LinkedHashMap<>();
    role.put("createRole", LeastPrivileges.ROLE);
    role.put(
        "privileges",
        LeastPrivileges.role().stream()
            .map(
                grant -> {
                  Map<String, Object> privilege = new LinkedHashMap<>();
                  privilege.put("resource", resource(grant));
                  privilege.put("actions", grant.actions());
                  return privilege;
                })
            .toList());
    role.put("roles", List.of());
    return role;
  }

  private static Map<String, Object> resource(Grant grant) {
    if (grant.onCluster()) {
      return Map.of("cluster", true);
    }
    Map<String, Object> namespace = new LinkedHashMap<>();
    namespace.put("db", grant.database());
    namespace.put("collection", grant.collection());
    return namespace;
  }

  static List<String> script(String user) {
    List<String> lines = new ArrayList<>();
    lines.add("// On the primary of every replica set: each shard, and the config server.");
    lines.add("db = db.getSiblingDB(\"admin\")");
    lines.add("db.createRole({");
    lines.add("  role: \"%s\",".formatted(LeastPrivileges.ROLE));
    lines.add("  privileges: [");
    for (Grant grant : LeastPrivileges.role()) {
      lines.add("    // " + grant.purpose());
      lines.add(
          "    { resource: %s, actions: %s },"
              .formatted(Json.line(resource(grant)), Json.line(grant.actions())));
    }
    lines.add("  ],");
    lines.add("  roles: []");
    lines.add("})");
    lines.add(
        "db.createUser({ user: %s, pwd: passwordPrompt(), roles: [\"%s\"] })"
            .formatted(Json.line(user), LeastPrivileges.ROLE));
    return lines;
  }
}
