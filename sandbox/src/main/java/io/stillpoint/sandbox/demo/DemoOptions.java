package io.stillpoint.sandbox.demo;

import io.stillpoint.model.SnapshotType;
import io.stillpoint.sandbox.cluster.ServerPrograms;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What the demo runs on.
 *
 * @param replicaSet one set of three members instead of a sharded cluster
 * @param authentication the servers ask for a login, and Stillpoint has its own role
 * @param tls the servers speak TLS only, and know Stillpoint by its certificate
 * @param type directory, or a simulated ebs or gce
 * @param loseCatalog delete the record of the backup before the restore, and rebuild it
 * @param temporal address of a running Temporal server; absent for an embedded one
 * @param ui run the program {@code temporal} with its web UI instead of an embedded server
 * @param keep leave the files when it is over
 */
public record DemoOptions(
    boolean replicaSet,
    boolean authentication,
    boolean tls,
    SnapshotType type,
    boolean loseCatalog,
    ServerPrograms programs,
    Optional<String> temporal,
    boolean ui,
    Path directory,
    boolean keep) {}
