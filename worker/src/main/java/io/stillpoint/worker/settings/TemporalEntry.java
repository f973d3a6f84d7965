package io.stillpoint.worker.settings;

import java.util.Optional;

/**
 * What the file says about Temporal. TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE and the profile file win;
 * TLS and API keys are only read from there.
 *
 * @param deployment absent for workers without versions
 */
public record TemporalEntry(
    Optional<String> address, Optional<String> namespace, Optional<DeploymentEntry> deployment) {}
