package io.stillpoint.cloud.aws;

import java.net.URI;
import java.util.Optional;

/**
 * Where finished snapshots are copied to.
 *
 * @param region another one than that of the snapshots
 * @param endpoint instead of that region's own
 * @param kmsKey encrypts the copies; empty to keep them as the snapshots are, an encrypted one then
 *     with that region's default key
 */
public record EbsCopySettings(String region, Optional<URI> endpoint, String kmsKey) {}
