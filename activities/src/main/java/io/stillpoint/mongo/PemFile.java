package io.stillpoint.mongo;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A file of certificates, perhaps with a private key, as MongoDB's options {@code tlsCAFile} and
 * {@code tlsCertificateKeyFile} name.
 *
 * @param certificates in the order of the file
 * @param key the first private key
 */
record PemFile(List<X509Certificate> certificates, Optional<PrivateKey> key) {
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \\1-----");

  /** What comes before a bare RSA key to make PKCS#8 of it: version 0 and the algorithm. */
  private static final byte[] RSA_HEADER = {
    2, 1, 0, 48, 13, 6, 9, 42, (byte) 134, 72, (byte) 134, (byte) 247, 13, 1, 1, 1, 5, 0
  };

  private static final byte SEQUENCE = 0x30;
  private static final byte OCTETS = 0x04;

  PemFile {
    certificates = List.copyOf(certificates);
  }

  /**
   * @throws IOException if the file cannot be read
   * @throws GeneralSecurityException if its content cannot be used; the message never quotes it
   */
  static PemFile read(Path file) throws IOException, GeneralSecurityException {
    List<X509Certificate> certificates = new ArrayList<>();
    byte[] pkcs8 = null;
    Matcher block = BLOCK.matcher(Files.readString(file, StandardCharsets.US_ASCII));
    while (block.find()) {
      byte[] content = decoded(block.group(2));
      switch (block.group(1)) {
        case "CERTIFICATE" ->
            certificates.add(
                (X509Certificate)
                    CertificateFactory.getInstance("X.509")
                        .generateCertificate(new ByteArrayInputStream(content)));
        case "PRIVATE KEY" -> pkcs8 = pkcs8 == null ? content : pkcs8;
        case "RSA PRIVATE KEY" -> pkcs8 = pkcs8 == null ? wrapped(content) : pkcs8;
        case "ENCRYPTED PRIVATE KEY", "EC PRIVATE KEY" ->
            throw new GeneralSecurityException(
                "it holds an %s, which has to be converted: openssl pkcs8 -topk8 -nocrypt"
                    .formatted(block.group(1)));
        default -> {
          // Parameters and requests that tools leave beside the certificate say nothing here.
        }
      }
    }
    if (certificates.isEmpty()) {
      throw new GeneralSecurityException("it holds no certificate");
    }
    return new PemFile(
        certificates,
        pkcs8 == null ? Optional.empty() : Optional.of(key(pkcs8, certificates.get(0))));
  }

  private static PrivateKey key(byte[] pkcs8, X509Certificate certificate)
      throws GeneralSecurityException {
    return KeyFactory.getInstance(certificate.getPublicKey().getAlgorithm())
        .generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
  }

  private static byte[] decoded(String base64) throws GeneralSecurityException {
    try {
      return Base64.getMimeDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      throw new GeneralSecurityException("it holds a block that is not base64", e);
    }
  }

  private static byte[] wrapped(byte[] rsaKey) {
    return element(SEQUENCE, concatenated(RSA_HEADER, element(OCTETS, rsaKey)));
  }

  private static byte[] element(byte tag, byte[] content) {
    int length = content.length;
    byte[] header =
        length < 128
            ? new byte[] {tag, (byte) length}
            : length < 256
                ? new byte[] {tag, (byte) 0x81, (byte) length}
                : new byte[] {tag, (byte) 0x82, (byte) (length >> 8), (byte) length};
    return concatenated(header, content);
  }

  private static byte[] concatenated(byte[] a, byte[] b) {
    byte[] all = new byte[a.length + b.length];
    System.arraycopy(a, 0, all, 0, a.length);
    System.arraycopy(b, 0, all, a.length, b.length);
    return all;
  }
}
