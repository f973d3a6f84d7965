package io.stillpoint.cli;

import io.stillpoint.model.SnapshotType;
import java.util.Iterator;
import java.util.stream.Stream;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The words for {@code --type}. */
final class SnapshotTypes implements ITypeConverter<SnapshotType> {
  @Override
  public SnapshotType convert(String text) {
    try {
      return SnapshotType.parse(text);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }

  /** What a shell may complete. */
  static final class Words implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Stream.of(SnapshotType.values()).map(SnapshotType::word).iterator();
    }
  }
}
