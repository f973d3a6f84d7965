package io.stillpoint.mongo;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/** TLS by PEM files, as the servers are configured, instead of Java's key stores. */
public final class PemTls {
  private PemTls() {}

  /**
   * @param caFile whom to trust; without it whom the Java runtime trusts
   * @param certificateKeyFile certificate and private key to show; without it none is shown
   * @throws IOException if a file cannot be read
   * @throws GeneralSecurityException if its content cannot be used; the message names the file
   */
  public static SSLContext context(Optional<Path> caFile, Optional<Path> certificateKeyFile)
      throws IOException, GeneralSecurityException {
    TrustManager[] trusted = caFile.isPresent() ? trusted(caFile.get()) : null;
    KeyManager[] shown =
        certificateKeyFile.isPresent() ? shown(certificateKeyFile.get()) : new KeyManager[0];
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(shown, trusted, null);
    return context;
  }

  private static TrustManager[] trusted(Path file) throws IOException, GeneralSecurityException {
    KeyStore store = emptyStore();
    int number = 0;
    for (X509Certificate certificate : read(file).certificates()) {
      store.setCertificateEntry("ca" + number++, certificate);
    }
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return factory.getTrustManagers();
  }

  private static KeyManager[] shown(Path file) throws IOException, GeneralSecurityException {
    PemFile pem = read(file);
    if (pem.key().isEmpty()) {
      throw new GeneralSecurityException("%s cannot be used: no private key".formatted(file));
    }
    KeyStore store = emptyStore();
    store.setKeyEntry(
        "own", pem.key().get(), new char[0], pem.certificates().toArray(Certificate[]::new));
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, new char[0]);
    return factory.getKeyManagers();
  }

  private static PemFile read(Path file) throws IOException, GeneralSecurityException {
    try {
      return PemFile.read(file);
    } catch (GeneralSecurityException e) {
      throw new GeneralSecurityException(
          "%s cannot be used: %s".formatted(file, e.getMessage()), e);
    }
  }

  private static KeyStore emptyStore() throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, new char[0]);
    return store;
  }
}
