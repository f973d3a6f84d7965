package io.stillpoint.catalog;

import io.stillpoint.catalog.ChecksummedJson.DamagedException;
import io.stillpoint.storage.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/** The proof of an attempt while its backup runs: {@code <attempt>.proof.json}. */
final class ProofStore {

  private static final String SUFFIX = ".proof.json";

  private ProofStore() {}

  /**
   * Does not wait for the disk, which may be busy with the copy while the cursors are open. A proof
   * that a loss of power takes costs another attempt.
   */
  static void save(Path directory, CopyProof proof) {
    Path file = file(directory, proof.attempt());
    try {
      DurableFiles.replaceWithoutSync(file, ChecksummedJson.write(proof));
    } catch (IOException e) {
      throw CatalogErrors.unwritable(file, e);
    }
  }

  /** What is damaged proves nothing. */
  static Optional<CopyProof> read(Path directory, int attempt) {
    Path file = file(directory, attempt);
    try {
      return Optional.of(ChecksummedJson.read(Files.readAllBytes(file), CopyProof.class));
    } catch (NoSuchFileException | DamagedException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw CatalogErrors.unreadable(file, e);
    }
  }

  static boolean isProof(Path file) {
    return file.getFileName().toString().endsWith(SUFFIX);
  }

  private static Path file(Path directory, int attempt) {
    return directory.resolve(attempt + SUFFIX);
  }
}
