package io.stillpoint.sandbox.cluster;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Decides names, ports, paths and command lines of a cluster's servers. */
final class ClusterLayout {
  private static final String HOST = ClusterNames.LISTENING;

  private final ClusterSpec spec;
  private final FreePorts ports = new FreePorts();
  private final ClusterAccess access;

  ClusterLayout(ClusterSpec spec) {
    this.spec = spec;
    this.access = ClusterAccess.of(spec);
  }

  /** Receives what was laid out. */
  interface Target<T> {
    T accept(
        ClusterSpec spec,
        ClusterAccess access,
        List<LocalReplicaSet> sets,
        Optional<LocalServer> mongos);
  }

  <T> T build(Target<T> target) {
    List<LocalReplicaSet> sets = new ArrayList<>();
    if (!spec.sharded()) {
      sets.add(
          set(spec.names().set(0), ServerRole.REPLICA_SET, Optional.empty(), spec.membersPerSet()));
      return target.accept(spec, access, sets, Optional.empty());
    }
    LocalReplicaSet config =
        set(
            spec.names().configServer(),
            ServerRole.CONFIG_SERVER,
            Optional.empty(),
            spec.configMembers());
    sets.add(config);
    for (int i = 0; i < spec.shards(); i++) {
      sets.add(
          set(
              spec.names().set(i),
              ServerRole.SHARD,
              Optional.of(spec.names().shard(i)),
              spec.membersPerSet()));
    }
    return target.accept(spec, access, sets, Optional.of(mongos(config)));
  }

  private LocalReplicaSet set(String name, ServerRole role, Optional<String> shardId, int count) {
    List<LocalServer> members = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      members.add(member(name, role, shardId, name + "-" + i));
    }
    return new LocalReplicaSet(name, role, shardId, members);
  }

  private LocalServer member(String set, ServerRole role, Optional<String> shardId, String name) {
    int port = ports.next();
    Path dbPath = spec.directory().resolve("data").resolve(name);
    Path logPath = logPath(name);
    List<String> argv = new ArrayList<>(List.of(spec.programs().mongod().toString()));
    argv.addAll(List.of("--dbpath", dbPath.toString()));
    argv.addAll(List.of("--port", Integer.toString(port), "--bind_ip", HOST, "--replSet", set));
    argv.addAll(role.flags());
    argv.addAll(List.of("--logpath", logPath.toString(), "--logappend", "--nounixsocket"));
    argv.addAll(List.of("--oplogSize", Integer.toString(spec.oplogSizeMb())));
    argv.addAll(List.of("--wiredTigerCacheSizeGB", "0.25"));
    spec.setParameters()
        .forEach((key, value) -> argv.addAll(List.of("--setParameter", key + "=" + value)));
    argv.addAll(access.flags());
    argv.addAll(spec.programs().extraFlags());
    return new LocalServer(
        name,
        role,
        set,
        shardId,
        spec.names().memberHost() + ":" + port,
        Optional.of(dbPath),
        logPath,
        argv,
        access);
  }

  private LocalServer mongos(LocalReplicaSet config) {
    int port = ports.next();
    Path logPath = logPath("mongos");
    List<String> argv = new ArrayList<>(List.of(spec.programs().mongos().toString()));
    argv.addAll(List.of("--configdb", config.seedList()));
    argv.addAll(List.of("--port", Integer.toString(port), "--bind_ip", HOST));
    argv.addAll(List.of("--logpath", logPath.toString(), "--logappend", "--nounixsocket"));
    argv.addAll(access.flags());
    argv.addAll(spec.programs().extraFlags());
    return new LocalServer(
        "mongos",
        ServerRole.ROUTER,
        "",
        Optional.empty(),
        HOST + ":" + port,
        Optional.empty(),
        logPath,
        argv,
        access);
  }

  private Path logPath(String name) {
    return spec.directory().resolve("log").resolve(name + ".log");
  }
}
