package io.stillpoint.mongo;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/**
 * TLS to the servers of a cluster, by PEM files.
 *
 * @param caFile whom to trust; absent for whom the Java runtime trusts
 * @param certificateKeyFile this worker's certificate and private key; absent if it shows none
 */
public record ClusterTls(Optional<Path> caFile, Optional<Path> certificateKeyFile) {

  /**
   * @throws StillpointException CONFIGURATION_INVALID; never quotes a file's content
   */
  SSLContext context(String cluster) {
    try {
      return PemTls.context(caFile, certificateKeyFile);
    } catch (IOException e) {
      throw invalid(cluster, "%s cannot be read".formatted(e.getMessage()), e);
    } catch (GeneralSecurityException e) {
      throw invalid(cluster, e.getMessage(), e);
    }
  }

  private static StillpointException invalid(String cluster, String why, Exception cause) {
    return new StillpointException(
        ErrorCode.CONFIGURATION_INVALID,
        "the tls files of cluster '%s' are not usable: %s".formatted(cluster, why),
        "correct tls.ca-file and tls.certificate-key-file of the cluster, both in PEM form",
        cause);
  }
}
