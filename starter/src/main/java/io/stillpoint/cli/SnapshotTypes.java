package io.stillpoint.cli;

import io.stillpoint.model.SnapshotType;
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
}
