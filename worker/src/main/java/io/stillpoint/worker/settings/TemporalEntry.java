package io.stillpoint.worker.settings;

import io.stillpoint.payload.PayloadKeys;
import java.util.Optional;

/**
 * What the file says about Temporal. TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE and the profile file win;
 * TLS and API keys are only read from there.
 *
 * @param cachedWorkflows how many workflows a worker keeps between their tasks; 0 where the server
 *     does not take a task back that it gave to a worker which died (the in-memory one)
 * @param deployment absent for workers without versions
 * @param payloadKeys with which what Temporal stores is encrypted, if there are any
 */
public record TemporalEntry(
    Optional<String> address,
    Optional<String> namespace,
    int cachedWorkflows,
    Optional<DeploymentEntry> deployment,
    PayloadKeys payloadKeys) {}
