package io.stillpoint.cloud;

import io.stillpoint.catalog.ChecksummedJson;
import io.stillpoint.catalog.ChecksummedJson.DamagedException;
import io.stillpoint.model.Manifest;
import io.stillpoint.model.ManifestSet;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Optional;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * What a snapshot says of its backup, small enough for tags and labels: the manifest with this
 * snapshot's own set alone, and the names of all sets. Checksummed, then deflated.
 *
 * @param version of this format; a reader takes another one for none
 * @param sets names of all sets of the backup
 */
public record Inscription(int version, List<String> sets, Manifest manifest) {

  private static final int VERSION = 1;

  /** No manifest of one set is longer; what is, is no inscription. */
  private static final int LONGEST = 1 << 20;

  public Inscription {
    sets = List.copyOf(sets);
  }

  /** For the snapshots of one set. */
  public static Inscription of(Manifest manifest, ManifestSet set) {
    return new Inscription(
        VERSION,
        manifest.sets().stream().map(ManifestSet::set).toList(),
        manifest.with(List.of(set), List.of()));
  }

  public ManifestSet set() {
    return manifest.sets().get(0);
  }

  /** Without the long documents that only inform, for where there is little room. */
  public Inscription slim() {
    return new Inscription(version, sets, manifest.slim());
  }

  public byte[] bytes() {
    Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION);
    try {
      deflater.setInput(ChecksummedJson.write(this));
      deflater.finish();
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      byte[] buffer = new byte[4096];
      while (!deflater.finished()) {
        out.write(buffer, 0, deflater.deflate(buffer));
      }
      return out.toByteArray();
    } finally {
      deflater.end();
    }
  }

  /** Empty if it is damaged, cut off or of another version. */
  public static Optional<Inscription> read(byte[] deflated) {
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(deflated);
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      byte[] buffer = new byte[4096];
      while (!inflater.finished()) {
        int length = inflater.inflate(buffer);
        if (length == 0 || out.size() > LONGEST) {
          return Optional.empty();
        }
        out.write(buffer, 0, length);
      }
      return Optional.of(ChecksummedJson.read(out.toByteArray(), Inscription.class))
          .filter(i -> i.version() == VERSION && i.manifest().sets().size() == 1);
    } catch (DataFormatException | DamagedException e) {
      return Optional.empty();
    } finally {
      inflater.end();
    }
  }
}
